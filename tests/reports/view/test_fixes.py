"""What is grouped by fix keeps the values of each workload, and shows those of none as if they were all."""

from __future__ import annotations

from dataclasses import replace

from assess.model import Finding, Severity
from reports.view.findings import PLACES, fixes, rule_words
from reports.view.page import page_of
from tests.reports.pages import html_of
from tests.support import assessments

KNOWN = rule_words(assessments.rules())


def finding(number: int, remedy: str = "") -> Finding:
    return Finding(
        "PRT001", "shared-port", Severity.MAJOR, f"web{number}", f"web{number}/apache2", None,
        f"Port {8000 + number}/tcp is also used by others.", (), remedy,
    )  # fmt: skip


def test_each_place_has_its_own_values_and_the_fix_has_none_of_the_first() -> None:
    found = [finding(1, "Move port 8001."), finding(2, "Move port 8002."), finding(3)]
    (fix,) = fixes(assessments.sample(), found, KNOWN)
    assert fix.remedy == KNOWN["PRT001"].remedy
    assert [(place.where, place.message, place.remedy) for place in fix.places] == [
        ("web1/apache2", "Port 8001/tcp is also used by others.", "Move port 8001."),
        ("web2/apache2", "Port 8002/tcp is also used by others.", "Move port 8002."),
        ("web3/apache2", "Port 8003/tcp is also used by others.", ""),
    ]


def test_a_remedy_of_one_workload_is_not_that_of_another_without_words_of_its_own() -> None:
    (fix,) = fixes(assessments.sample(), [finding(1, "Move port 8001."), finding(2)], KNOWN)
    assert "8001" not in fix.remedy
    (fix,) = fixes(assessments.sample(), [finding(1, "Move port 8001."), finding(2, "Move port 8002.")], {})
    assert "800" not in fix.remedy


def test_a_remedy_that_all_have_is_said_once() -> None:
    (fix,) = fixes(assessments.sample(), [finding(1, "Use a proxy."), finding(2, "Use a proxy.")], KNOWN)
    assert (fix.remedy, [place.remedy for place in fix.places]) == ("Use a proxy.", ["", ""])


def test_many_places_are_counted() -> None:
    (fix,) = fixes(assessments.sample(), [finding(number) for number in range(PLACES + 5)], KNOWN)
    assert (len(fix.places), fix.more) == (PLACES, f"Showing {PLACES} of {PLACES + 5} findings.")


def test_the_page_lists_what_each_workload_has() -> None:
    made = assessments.sample()
    html = html_of(replace(made, findings=(finding(1, "Move port 8001."), finding(2, "Move port 8002."))))
    assert "Port 8001/tcp is also used by others." in html.split('data-view="every"')[0]
    assert "Move port 8002." in html.split('data-view="every"')[0]
    assert page_of(made).fixes.total
