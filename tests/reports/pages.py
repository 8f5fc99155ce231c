"""A report read as a browser without script would: its elements and its text."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser

from assess.assessment import Assessment
from reports.html.report_file import render
from reports.view.page import page_of
from tests.support import assessments

UNSEEN = {"script", "style", "title"}


class Read(HTMLParser):
    """``text`` is what people see, ``scripts`` and ``styles`` the content of those elements, ``elements`` all start
    tags with their attributes.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.styles: list[str] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()
        self.text = " ".join(" ".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in UNSEEN:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self._text.append(data)
        elif self._open[-1][0] == "script":
            self.scripts.append((self._open[-1][1], data))
        elif self._open[-1][0] == "style":
            self.styles.append(data)

    def attributes(self, name: str) -> list[str]:
        """Every value of an attribute."""
        return [attributes[name] or "" for _tag, attributes in self.elements if name in attributes]


@cache
def large_assessment() -> Assessment:
    """1,000 workloads, made once."""
    return assessments.large(1000)


@cache
def large_html() -> str:
    """The report of :func:`large_assessment`."""
    return html_of(large_assessment())


@cache
def sample_html() -> str:
    """The report of the small estate with its builds and pilots."""
    return html_of(assessments.sample(), proofs=True)


def html_of(assessment: Assessment, *, proofs: bool = False) -> str:
    """The report of an assessment."""
    builds, pilots = (assessments.builds(), assessments.pilots()) if proofs else ({}, {})
    security = assessments.security() if proofs else {}
    return render(page_of(assessment, assessments.rules(), builds, pilots, "0.1.0", security))
