"""Compare one page of both sides, repeating requests to distinguish noise from differences."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.compare.answer_comparison import judge
from containerize.pilot.compare.bodies import binary_tree, body_kind, decode, text_tree
from containerize.pilot.compare.difference import TreeDifference
from containerize.pilot.compare.headers import differing_headers
from containerize.pilot.compare.node import TreeNode
from containerize.pilot.compare.own_names import hider
from containerize.pilot.reference_service import Endpoint
from containerize.pilot.web.http_exchange import HttpFailed, HttpRequest, HttpResponse, ask
from inventory.errors import HostError

_ASK_AGAIN = 4
_BETWEEN_SECONDS = 0.6
_POLITE_SECONDS = 0.15
"""Between two questions to the live server: it has other users."""

Outcome = Literal["same", "differs", "not comparable"]


class ReferenceRefuses(Exception):
    """The live server asks us to stop (429, 503): so we do."""


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """The comparison of one page. ``status`` is the live server's; ``tree`` its body where it is a page, for finding
    links.

    ``noisy`` are the places where the live answers differ among themselves.
    """

    path: str
    outcome: Outcome
    words: str
    status: int = 0
    tree: TreeNode | None = None
    location: str = ""
    noisy: tuple[tuple[str, str, str], ...] = ()
    reported: tuple[str, ...] = ()


@dataclass
class ComparedSite:
    """A site: where it is asked and by which name."""

    subject: CheckSubject
    vantage: Endpoint
    host: str
    tls: bool
    _last: float = field(default=0.0)

    def compare(self, path: str, headers: tuple[tuple[str, str], ...] = ()) -> ComparedPage:
        """Ask for a page. Raises ReferenceRefuses."""
        question = HttpRequest(path, self.host, headers=headers)
        lives: list[HttpResponse] = []
        copies: list[HttpResponse] = []
        page = ComparedPage(path, "not comparable", "was not asked")
        for attempt in range(1 + _ASK_AGAIN):
            if attempt:
                self.subject.sleep(_BETWEEN_SECONDS)
            try:
                if not attempt:
                    lives.append(self._ask_live(question))
                copy = self._ask_copy(question)
                lives.append(self._ask_live(question))
            except HttpFailed as error:
                return ComparedPage(path, "not comparable", f"the live server: {error}")
            if isinstance(copy, str):
                return ComparedPage(path, "differs", f"status {lives[0].status} live, here {copy}", lives[0].status)
            copies.append(copy)
            page = compare_answers(path, lives, copies, self._words())
            if page.outcome != "differs":
                break
        return page

    def robots(self) -> str:
        """The robots.txt of the live site; "" without one. Raises ReferenceRefuses."""
        try:
            answer = self._ask_live(HttpRequest("/robots.txt", self.host))
        except HttpFailed:
            return ""
        return decode(answer.value("content-type"), answer.body) if answer.status == 200 else ""

    def declined(self, path: str) -> str:
        """The reason why a linked page is not requested after its headers were; "" when it may be.

        A server that answers no HEAD says nothing against it. Raises ReferenceRefuses.
        """
        try:
            answer = self._ask_live(HttpRequest(path, self.host, method="HEAD"))
        except HttpFailed:
            return ""
        if answer.status in (405, 501):
            return ""
        kind = answer.value("content-type").partition(";")[0].strip().lower()
        if answer.status >= 500:
            return f"the live server answers {answer.status}"
        if "attachment" in answer.value("content-disposition").lower():
            return "it is a download"
        if kind and not kind.startswith(("text/", "image/")) and not kind.endswith(("json", "xml", "javascript")):
            return f"its content is {kind}"
        return ""

    def _words(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.subject.live_words, self.subject.copy_words

    def _ask_live(self, question: HttpRequest) -> HttpResponse:
        self.subject.sleep(max(_POLITE_SECONDS, min(2.0, self._last)))
        began = time.monotonic()
        try:
            answer = ask(lambda: self.subject.live.dial(self.vantage), question, tls=self.tls)
        except (HostError, OSError) as error:
            raise HttpFailed(str(error) or type(error).__name__) from None
        self._last = time.monotonic() - began
        if answer.status in (429, 503):
            raise ReferenceRefuses(f"the live server answers {answer.status}")
        return answer

    def _ask_copy(self, question: HttpRequest) -> HttpResponse | str:
        try:
            return ask(lambda: self.subject.dial_copy(self.vantage), question, tls=self.tls)
        except HttpFailed as error:
            return str(error)
        except OSError as error:
            return f"no connection ({error.strerror or type(error).__name__})"


def compare_answers(
    path: str,
    lives: Sequence[HttpResponse],
    copies: Sequence[HttpResponse],
    words: tuple[tuple[str, ...], tuple[str, ...]] = ((), ()),
) -> ComparedPage:
    """Compare in the order in which a difference explains the later ones: status, headers, kind of body, body."""
    first = lives[0]
    statuses, copied = {each.status for each in lives}, {each.status for each in copies}
    if not statuses & copied:
        return ComparedPage(path, "differs", f"status {_list(statuses)} live, {_list(copied)} here", first.status)
    if first.status >= 500:
        return ComparedPage(path, "not comparable", f"the live server itself answers {first.status}", first.status)
    # A status that only one side gives now and then brings its own body; those that both give are compared.
    lives = [each for each in lives if each.status in copied]
    copies = [each for each in copies if each.status in statuses]
    first = lives[0]
    live_hide, copy_hide = hider(words[0]), hider(words[1])
    if headers := differing_headers(
        [[(name, live_hide(value)) for name, value in each.headers] for each in lives],
        [[(name, copy_hide(value)) for name, value in each.headers] for each in copies],
    ):
        name, expected, actual = headers[0]
        more = f" (and {len(headers) - 1} more headers)" if len(headers) > 1 else ""
        return ComparedPage(path, "differs", f"header {name}: {expected!r} live, {actual!r} here{more}", first.status)
    if first.truncated or copies[0].truncated:
        if first.truncated and copies[0].truncated and first.body == copies[0].body:
            return ComparedPage(path, "not comparable", "longer than 1 MB; its first part is the same", first.status)
        return ComparedPage(path, "not comparable", "longer than 1 MB", first.status)
    return _compare_bodies(path, lives, copies, live_hide, copy_hide)


def _compare_bodies(
    path: str,
    lives: Sequence[HttpResponse],
    copies: Sequence[HttpResponse],
    live_hide: Callable[[str], str],
    copy_hide: Callable[[str], str],
) -> ComparedPage:
    first = lives[0]
    kind = body_kind(first.value("content-type"), first.body)
    encoded = bool(first.value("content-encoding"))
    if encoded:  # asked for once, to see that both do it; what is in it was compared without
        return ComparedPage(path, "same", "", first.status)
    if (other := body_kind(copies[0].value("content-type"), copies[0].body)) != kind:
        return ComparedPage(path, "differs", f"body: {kind} live, {other} here", first.status)
    if kind == "binary":
        live_trees, copy_trees = [binary_tree(each.body) for each in lives], [binary_tree(each.body) for each in copies]
    else:
        live_trees = [_tree(kind, each, live_hide) for each in lives]
        copy_trees = [_tree(kind, each, copy_hide) for each in copies]
    judgement = judge(live_trees, copy_trees)
    outcome: Outcome = "same"
    said = ""
    if judgement.too_noisy:
        outcome, said = "not comparable", "more than half of it is different each time"
    elif judgement.remaining:
        outcome, said = "differs", describe(judgement.remaining)
    return ComparedPage(
        path,
        outcome,
        said,
        first.status,
        live_trees[0] if kind == "html" else None,
        first.value("location"),
        judgement.noisy,
        _reported(lives[0], copies[0]),
    )


def _reported(live: HttpResponse, copy: HttpResponse) -> tuple[str, ...]:
    """Headers that are shown when they differ, and never fail."""
    return tuple(
        f"{name}: {live.value(name)!r} live, {copy.value(name)!r} here"
        for name in ("server", "x-powered-by")
        if live.value(name) != copy.value(name)
    )


def _tree(kind: str, answer: HttpResponse, hide: Callable[[str], str]) -> TreeNode:
    return text_tree(kind, hide(decode(answer.value("content-type"), answer.body)))


def describe(remaining: Sequence[TreeDifference], most: int = 3) -> str:
    """The first differences in words, each text once."""
    told: dict[str, str] = {}
    for each in remaining:
        where = each.path.removeprefix("/html/body/").strip("/") or "text"
        if each.kind == "missing":
            words = f"{where}: {each.expected} is missing"
        elif each.kind == "extra":
            words = f"{where}: {each.actual} was not there"
        elif each.kind == "order":
            words = f"{where}: in another order"
        else:
            expected, actual = each.texts if any(each.texts) else (each.expected, each.actual)
            words = f"{where}: {_cut(expected)!r} live, {_cut(actual)!r} here"
        told.setdefault(f"{each.path}{each.kind}{each.actual if each.kind != 'value' else ''}", words)
    shown = list(told.values())[:most]
    if len(told) > most:
        shown.append(f"and {len(told) - most} more")
    return "; ".join(shown)


def _cut(text: str, limit: int = 70) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"


def _list(numbers: set[int]) -> str:
    return "/".join(str(number) for number in sorted(numbers))
