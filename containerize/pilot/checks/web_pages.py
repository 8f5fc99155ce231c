"""Check that web pages are equal: status, relevant headers and body."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.checks.greetings import one_each
from containerize.pilot.protocols.protocol_detection import detect_protocol
from containerize.pilot.result import CheckResult, CheckVerdict
from containerize.pilot.web.crawl_policy import CrawlPolicy, is_static
from containerize.pilot.web.logged_paths import LoggedPaths, logged_paths
from containerize.pilot.web.page_links import ALWAYS, links_of, same_site
from containerize.pilot.web.pages import ComparedPage, ComparedSite, ReferenceRefuses
from containerize.pilot.web.virtual_hosts import virtual_hosts
from containerize.plan.model import ImagePort
from inventory.errors import HostError

MOST_PAGES = 25
MOST_PAGES_OF_OTHERS = 8
"""Pages of the first site of a port, and of each further one."""


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """One result for each site of each port that speaks HTTP."""
    results: list[CheckResult] = []
    for port in one_each(subject.plan.ports):
        try:
            spoken = detect_protocol(subject, port)
        except OSError:
            continue  # the check of greetings says so
        if spoken.conversation is None:
            results += _port(subject, port, spoken.tls)
    return tuple(results)


def _port(subject: CheckSubject, port: ImagePort, tls: bool) -> list[CheckResult]:
    scheme = "https" if tls else "http"
    try:
        vantage = subject.live.vantage(port.port, port.address)
    except HostError as error:
        name = f"{scheme} tcp/{port.port}"
        return [subject.undecided(name, "the pages of the live server", f"the live server was not asked: {error}")]
    results = []
    logged = logged_paths(subject)
    for number, host in enumerate(virtual_hosts(subject)):
        site = ComparedSite(subject, vantage, host, tls)
        # What logs name belongs to some of the sites; all are tried on the first, and links lead on from there.
        crawled = _crawl(site, logged, MOST_PAGES if not number else MOST_PAGES_OF_OTHERS, first=not number)
        results.append(_result(subject, f"{scheme} tcp/{port.port} {host}", crawled))
    return results


@dataclass
class _Crawled:
    """The pages that were compared, what was not requested and why, and why the live server was not asked any more (""
    when it was).
    """

    pages: list[ComparedPage] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    refused: str = ""


def _crawl(site: ComparedSite, logged: LoggedPaths, most: int, *, first: bool) -> _Crawled:
    """Compare pages of a site. What its logs name is requested of the first site, where a person allowed it."""
    crawled = _Crawled()
    asked = logged.paths if first and site.subject.logged_paths else ()
    todo = list(dict.fromkeys(["/", *ALWAYS, *asked]))
    given = frozenset(todo)
    try:
        policy = CrawlPolicy(site.robots(), logged.local_only)
        for path in todo:
            if len(crawled.pages) >= most:
                break
            if path not in given and not is_static(path) and (reason := site.declined(path)):
                crawled.skipped.append(f"{path}: not requested: {reason}")
                continue
            page = site.compare(path)
            crawled.pages.append(page)
            found = list(links_of(page.tree, path, site.host)) if page.tree is not None else []
            if page.location and (target := same_site(page.location, f"http://{site.host}{path}", site.host)):
                found.insert(0, target)
            todo += [each for each in dict.fromkeys(found) if each not in todo and policy.allows(each)]
        compressed = site.compare("/", (("Accept-Encoding", "gzip"),))
        if compressed.outcome == "differs":
            crawled.pages.append(ComparedPage("/ (compressed)", "differs", compressed.words, compressed.status))
    except ReferenceRefuses as refusal:
        crawled.refused = str(refusal)
    if first and (left := [path for path in logged.paths if path not in todo]):
        crawled.skipped.append(
            f"not requested: {len(left)} paths of the access log ({', '.join(left)});"
            " --allow-logged-paths requests them, even where that changes data"
        )
    return crawled


def _result(subject: CheckSubject, name: str, crawled: _Crawled) -> CheckResult:
    pages, refused = crawled.pages, crawled.refused
    statuses = Counter(page.status for page in pages if page.status)
    counted = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    expected = f"{len(pages)} pages as live{f' ({counted})' if counted else ''}"
    same = [page for page in pages if page.outcome == "same"]
    different = [page for page in pages if page.outcome == "differs"]
    unclear = [page for page in pages if page.outcome == "not comparable"]
    detail = "\n".join(
        [
            *(f"{page.path}: {page.outcome}{f': {page.words}' if page.words else ''}" for page in pages),
            *(f"{page.path}: noise at {path}: {one!r}, {two!r}" for page in pages for path, one, two in page.noisy[:3]),
            *sorted({words for page in pages for words in page.reported}),
            *crawled.skipped,
            *([refused] if refused else []),
        ]
    )
    if different:
        first = different[0]
        actual = f"{len(different)} of {len(pages)} differ; {first.path}: {first.words}"
        if subject.missing:
            reason = f"{actual}; {' and '.join(subject.missing)}, to which it talks, does not run in this pilot"
            return subject.undecided(name, expected, reason, detail)
        return subject.compared(name, False, expected, actual, detail)
    rest = f"; {len(unclear)} could not be compared ({unclear[0].path}: {unclear[0].words})" if unclear else ""
    if refused:
        return subject.undecided(name, expected, f"{refused}, so we stopped after {len(pages)} pages", detail)
    if not any(200 <= page.status < 300 for page in same):
        return subject.undecided(name, expected, f"no page with content was found that could be compared{rest}", detail)
    verdict = CheckVerdict.INCONCLUSIVE if len(unclear) > len(same) else CheckVerdict.PASS
    return subject.result(name, verdict, expected, f"{len(same)} the same{rest}", detail)
