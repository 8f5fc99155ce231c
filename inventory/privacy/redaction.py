"""The redaction of secrets in what a host sends, before anything of it is stored.

A secret is replaced by ``<redacted:1f2e3d4c5b6a7988>``. The digits are an HMAC of it under the workspace's key and the
place it was found in (host, file or account): a changed secret is visible as changed, and a token reveals nothing about
secrets in other places. Where lines of several owners are in one text, the token is ``<redacted>``. Lines stay lines,
so that a fact keeps its line number.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from itertools import accumulate

from inventory.privacy.secrets import (
    assignments,
    command_options,
    command_tools,
    guarded_positions,
    line_positions,
    password_files,
    secret_names,
    values,
)
from inventory.privacy.secrets.scanner import scan, scan_line, scan_lines
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.word_search import replace_words

_MOST_SWEPT = 1 << 20
"""Bytes of distinct secrets of one text that are looked for in the rest of it. A text with more is hidden whole."""
_FEW = 16
_VARIABLE = re.compile(rb"[-/]{0,2}[\w.-]+")
_ROUNDS = 8
_DIGITS = 16
_LONGEST_COMMAND = 4096
"""Bytes of a command line that is read as one line too."""


class _Harmless:
    """Texts in which there is nothing to hide, whatever the key: hosts of an estate have most of theirs in common.

    Long ones are known by their hash. When it is full it starts anew, so that memory stays flat.
    """

    def __init__(self, most: int = 8192, long: int = 96) -> None:
        self._most, self._long = most, long
        self._short: set[bytes] = set()
        self._hashes: set[bytes] = set()

    def __contains__(self, content: bytes) -> bool:
        if len(content) <= self._long:
            return content in self._short
        return hashlib.blake2b(content).digest() in self._hashes

    def add(self, content: bytes) -> None:
        """Remember a text."""
        known = self._short if len(content) <= self._long else self._hashes
        if len(known) >= self._most:
            known.clear()
        known.add(content if known is self._short else hashlib.blake2b(content).digest())


_HARMLESS = _Harmless()
_HARMLESS_LINES = _Harmless()
"""Texts without a secret in any line by itself; what goes over several lines was not looked for."""


class Redactor:
    """Replaces secrets by tokens. ``key`` is the workspace's own; two workspaces give different tokens."""

    def __init__(self, key: bytes, scope: bytes = b"", path: str = "") -> None:
        if len(key) < 16:
            raise ValueError("a redaction key has at least 16 bytes")
        self._key = key
        self._scope = scope
        self._path = path
        self._of_logins = bool(path and password_files.form(path))

    def __repr__(self) -> str:
        return "Redactor(key=…)"

    def within(self, place: bytes) -> Redactor:
        """The redactor for a place (a host, a file by its path, an account). Its tokens equal those of the same place
        alone.
        """
        path = place.decode("utf-8", "surrogateescape") if place.startswith(b"/") else ""
        return Redactor(self._key, b"%s%d:%s" % (self._scope, len(place), place), path)

    def plain(self) -> Redactor:
        """A redactor whose tokens have no digits: the owner of a redacted text must not learn of others' secrets."""
        return _UnkeyedRedactor(self._key)

    def identifier(self, value: bytes) -> bytes:
        """Replace an id that no one can choose or guess (a machine id). Its token is the same on every host."""
        return value if not value or values.is_token(value) else self._token(b"id:" + value)

    def secret(self, value: bytes) -> bytes:
        """Replace a secret by its token. Empty stays empty, a token stays itself, each line becomes its own token."""
        if b"\n" in value:
            return b"\n".join(self.secret(line) for line in value.split(b"\n"))
        if not value or values.is_token(value):
            return value
        return self._token(b"in %d:%s:%s" % (len(self._scope), self._scope, value))

    def _token(self, message: bytes) -> bytes:
        digest = hmac.new(self._key, message, hashlib.sha256).hexdigest()
        return b"<redacted:%s>" % digest[:_DIGITS].encode()

    def text(self, content: bytes) -> bytes:
        """Replace every secret that a text of one owner shows, then every other occurrence of the same secrets in it.

        Doing it again changes nothing: what a replacement uncovers is looked at until nothing is found.
        """
        if self._of_logins:
            return self._text(content, {})
        return content if content in _HARMLESS else self._text(content, {})

    def lines(self, content: bytes) -> bytes:
        """Replace the secrets of a text in which each line may be of another owner. Tokens have no digits there."""
        if content in _HARMLESS or content in _HARMLESS_LINES:
            return content
        lines = content.split(b"\n")
        shown = [index for index, _ in scan_lines(content)]
        if not shown:
            _HARMLESS_LINES.add(content)
            return content
        plain = self.plain()
        for index in shown:
            lines[index] = plain.text(lines[index])
        return b"\n".join(lines)

    def process(self, arguments: bytes, *environments: bytes) -> list[bytes]:
        """The NUL-separated argument vector and environments of one process without their secrets. What is known as a
        secret from one of them is hidden in the others too.
        """
        whole = [arguments, *environments]
        for _ in range(_ROUNDS):
            found: dict[bytes, None] = {}
            before = whole
            hidden = [self._arguments(whole[0], found), *(self._environment(each, found) for each in whole[1:])]
            whole = [self._sweep(each, found) for each in hidden]
            if whole == before:
                return whole
        return [self._closed(each) for each in whole]

    def arguments(self, nul_separated: bytes) -> bytes:
        """Replace secrets in a NUL-separated argument vector; a lone argument with spaces is read as a command line."""
        return self._arguments(nul_separated, {})

    def environment(self, nul_separated: bytes) -> bytes:
        """Replace secrets in a NUL-separated list of NAME=value."""
        return self._environment(nul_separated, {})

    def _arguments(self, nul_separated: bytes, found: dict[bytes, None]) -> bytes:
        words = nul_separated.split(b"\0")
        hidden = [self._argument(word, found) for word in words]
        for index, word in enumerate(words):
            option = word.startswith(b"-") and b"=" not in word and index + 1 < len(words)
            if (
                option
                and not words[index + 1].startswith(b"-")
                and command_options.option_holds(word, words[index + 1])
            ):
                hidden[index + 1] = self._value(words[index + 1], found)
            program = word.rsplit(b"/", 1)[-1]
            if program in command_tools.TOOLS:
                for at, secret, _ in command_options.in_words(program, words[index + 1 :]):
                    self._hide_in_word(words, hidden, index + 1 + at, secret, found)
        for at, secret, _ in command_options.logins(words):
            self._hide_in_word(words, hidden, at, secret, found)
        for at, secret in _placed(words):
            if hidden[at] == words[at]:
                self._hide_in_word(words, hidden, at, secret, found)
        return b"\0".join(hidden)

    def _hide_in_word(
        self, words: list[bytes], hidden: list[bytes], at: int, part: slice, found: dict[bytes, None]
    ) -> None:
        whole = words[at]
        stop = len(whole) if part.stop is None else part.stop
        hidden[at] = whole[: part.start] + self._value(whole[part.start : stop], found) + whole[stop:]

    def _environment(self, nul_separated: bytes, found: dict[bytes, None]) -> bytes:
        return b"\0".join(self._argument(entry, found) for entry in nul_separated.split(b"\0"))

    def _argument(self, word: bytes, found: dict[bytes, None]) -> bytes:
        """One argument or variable. ``NAME=value`` owns all that follows the sign, blanks and newlines too."""
        name, equals, value = word.partition(b"=")
        if equals and _VARIABLE.fullmatch(name):
            strength = secret_names.strength(name)
            if strength is not secret_names.NameStrength.NONE and assignments.holds(name, strength, value):
                return name + equals + self._value(value, found)
        if word in _HARMLESS:
            return word
        own: dict[bytes, None] = {}  # looking in each word for what all others hold takes the square of their number
        hidden = self._text(word, own)
        found.update(own)
        return hidden

    def _value(self, value: bytes, found: dict[bytes, None]) -> bytes:
        if values.is_switch(value) or values.is_reference(value):
            return value
        if _worth_sweeping(value) and not values.is_token(value):
            found[value] = None
        return self.secret(value)

    def _text(self, content: bytes, found: dict[bytes, None]) -> bytes:
        """``content`` without its secrets, which are added to ``found``."""
        for _ in range(_ROUNDS):
            redacted = self._once(content, found)
            if redacted == content:
                if not self._of_logins:
                    _HARMLESS.add(content)
                return content
            content = redacted
        # A line made for it uncovers something new each time. It goes as a whole.
        pairs = zip(content.split(b"\n"), self._once(content, found).split(b"\n"), strict=True)
        return b"\n".join(before if before == after else self.secret(before) for before, after in pairs)

    def _once(self, content: bytes, found: dict[bytes, None]) -> bytes:
        shown = list(scan(content, self._path if self._of_logins else ""))
        if shown:
            lines = content.split(b"\n")
            for index, spans in shown:
                lines[index] = self._hide(lines[index], spans, found)
            content = b"\n".join(lines)
        return self._sweep(content, found) if found else content

    def _hide(self, line: bytes, spans: list[Span], found: dict[bytes, None]) -> bytes:
        """The line with each stretch that spans cover, overlapping ones as one, replaced by a token."""
        pieces = []
        at = 0
        for start, end in _merged(line, spans):
            value = line[start:end]
            pieces += [line[at:start], self.secret(value)]
            at = end
            if _worth_sweeping(value):
                found[value] = None
        return b"".join([*pieces, line[at:]])

    def _sweep(self, content: bytes, found: Collection[bytes]) -> bytes:
        """Replace further occurrences of secrets, where no rule looks (``connect("db", "Hunter2Horse")``)."""
        if sum(map(len, found)) > _MOST_SWEPT:
            return self._closed(content)
        still = list(found) if len(found) > _FEW else [value for value in found if value in content]
        return replace_words(content, still, self.secret, values.TOKEN) if still else content

    def _closed(self, content: bytes) -> bytes:
        """Every line as one secret: what is left of a text that holds more than can be looked for."""
        return self.secret(content)


class _UnkeyedRedactor(Redactor):
    def within(self, place: bytes) -> Redactor:
        return self

    def _token(self, message: bytes) -> bytes:
        return b"<redacted>"


def _placed(words: Sequence[bytes]) -> Iterator[tuple[int, slice]]:
    """Secrets that several words together show (``connect to app user ops using x``): index of the word, and where in
    it.
    """
    line = b" ".join(words)
    if len(words) < 3 or len(line) > _LONGEST_COMMAND or b"\n" in line or line in _HARMLESS_LINES:
        return
    spans = [span for span in scan_line(line) if span.kind in (line_positions.KIND, guarded_positions.KIND)]
    if not spans:
        _HARMLESS_LINES.add(line)
    starts = list(accumulate((len(word) + 1 for word in words), initial=0))
    for span in spans:
        at = bisect_right(starts, span.start) - 1
        if span.end < starts[at + 1]:
            yield at, slice(span.start - starts[at], span.end - starts[at])


def _merged(line: bytes, spans: list[Span]) -> list[tuple[int, int]]:
    """Start and end of the stretches that spans cover, in order, trimmed of blanks."""
    merged: list[tuple[int, int]] = []
    for span in sorted(spans):
        piece = line[span.start : span.end]
        start = span.start + len(piece) - len(piece.lstrip())
        end = span.end - (len(piece) - len(piece.rstrip()))
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _worth_sweeping(value: bytes) -> bool:
    """Whether other occurrences of a value are surely the same secret: long, mixed, no path, no expression."""
    return (
        8 <= len(value) <= 256
        and re.fullmatch(rb"[^\s/\"'()<>]+", value) is not None
        and re.search(rb"[0-9]", value) is not None
        and re.search(rb"[A-Za-z]", value) is not None
    )
