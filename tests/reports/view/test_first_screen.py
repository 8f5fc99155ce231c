"""The sentences of the first screen say what the assessment says, in every mood of an estate."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from assess.assessment import Assessment
from assess.model import Severity, Verdict
from reports.view.labels import listed, memory, moment, percent, size
from reports.view.page import ReportPage, page_of
from tests.support import assessments


def page(assessment: Assessment) -> ReportPage:
    return page_of(assessment, assessments.rules())


def with_verdicts(*verdicts: Verdict) -> Assessment:
    made = assessments.sample()
    services = [each for each in made.workloads if each.workload.kind == "service"]
    return replace(
        made, workloads=tuple(replace(each, verdict=verdict) for each, verdict in zip(services, verdicts, strict=False))
    )


def test_the_headline_answers_the_question() -> None:
    assert page(assessments.sample()).summary.headline == "8 of 20 services can move to containers now"


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ((Verdict.READY,), "The one service is ready: container settings only"),
        ((Verdict.READY, Verdict.READY), "All 2 services are ready: container settings only"),
        ((Verdict.STAY, Verdict.UNKNOWN), "None of 2 services can move to a container now"),
        ((Verdict.READY, Verdict.STAY), "1 of 2 services can move to containers now"),
        ((Verdict.STAY,), "The one service cannot move to a container now"),
        ((Verdict.UNKNOWN,), "Too few facts to judge the one service"),
        ((Verdict.UNKNOWN, Verdict.UNKNOWN), "Too few facts to judge any of 2 services"),
        ((), "No services were found"),
    ],
)
def test_the_headline_fits_every_estate(verdicts: tuple[Verdict, ...], headline: str) -> None:
    assert page(with_verdicts(*verdicts)).summary.headline == headline


def test_an_estate_that_nobody_could_reach_says_so() -> None:
    made = assessments.sample()
    dead = tuple(host for host in made.hosts if host.snapshot.status == "unreachable")
    assert page(replace(made, hosts=dead, workloads=(), port_plan=())).summary.headline == "No host could be reached"


def test_host_functions_are_counted_apart() -> None:
    made = page(assessments.sample())
    assert (made.summary.services, made.summary.functions) == (20, 31)
    assert sum(each.number for each in made.summary.counts) == 20
    assert "31 host functions such as ssh and cron are not counted" in made.summary.subline


def test_the_trust_line_names_what_is_missing() -> None:
    sentences = [each.text for each in page(assessments.sample()).summary.coverage]
    assert sentences[:3] == [
        "10 of 13 hosts fully read",
        "1 partly read: build01",
        "2 not reached: legacy07 and old-erp",
    ]
    assert sentences[4:6] == [
        "Confidence limited to 90 % on Other systems with dpkg (web02 and mail01)",
        "Confidence limited to 75 % on RPM hosts (db02 and meter01)",
    ]
    assert sentences[-1] == "Judged for the container host local (Docker Engine 26.1.5, Linux 6.12.48-amd64, x86_64)"


def test_what_frees_the_most_services_comes_first_and_notes_come_last() -> None:
    fixes = page(assessments.sample()).fixes.rows
    assert fixes[0].rule == "PRT001"
    assert (fixes[0].clears, fixes[0].alone) == (
        "clears 3 findings on 3 workloads",
        "on 2 of them it is the only serious obstacle",
    )
    assert [fix.severity.key for fix in fixes].index("info") == len(fixes) - 1


def test_a_finding_of_the_estate_and_of_its_workload_is_one_finding() -> None:
    made = assessments.sample()
    own = tuple(finding for each in made.workloads for finding in each.findings)
    assert page(replace(made, findings=own)).findings.total == page(made).findings.total


def test_host_findings_are_there_beside_those_of_workloads() -> None:
    rows = page(assessments.sample()).findings.rows
    assert any(row.host == "db02" and not row.workload and row.rule == "EOL001" for row in rows)


def test_the_worst_findings_come_first() -> None:
    order = [severity.value for severity in Severity]
    keys = [row.severity.key for row in page(assessments.sample()).findings.rows]
    assert keys == sorted(keys, key=order.index)


def test_conflicts_are_the_first_ports() -> None:
    made = page(assessments.sample())
    assert [each.sentence for each in made.conflicts.rows] == [
        "Port 80/tcp is used by 3 services: web01/apache2, web02/nginx and app01/intranet",
        "Port 8080/tcp is used by 2 services: app01/tomcat9 and build01/jenkins",
    ]
    assert [row.conflict for row in made.ports.rows[:6]] == [True] * 5 + [False]


def test_failed_pilots_come_before_passed_ones() -> None:
    made = page_of(assessments.sample(), (), assessments.builds(), assessments.pilots())
    assert [row.verdict.key for row in made.pilots.rows] == ["fail", "inconclusive", "pass"]
    assert made.summary.pilots == "3 images: 1 passed, 1 failed, 1 undecided."


def test_a_pilot_of_an_earlier_image_proves_nothing_about_this_one() -> None:
    pilots = {"web01/apache2": msgspec.structs.replace(assessments.pilots()["web01/apache2"], digest="sha256:older")}
    made = page_of(assessments.sample(), (), assessments.builds(), pilots)
    row = next(row for row in made.pilots.rows if row.workload == "web01/apache2")
    assert (row.verdict.key, row.summary) == (
        "built",
        "This image has no pilot yet. Pilot of an earlier image: 7 of 7 checks passed",
    )
    workload = next(row for row in made.workloads.rows if row.id == "web01/apache2")
    assert (workload.proof.key, workload.proof_note) == ("built", "an earlier image was piloted")


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0 %"), (0.001, "1 %"), (0.5, "50 %"), (0.999, "99 %"), (1.0, "100 %")]
)
def test_percent_never_rounds_to_all_or_nothing(share: float, text: str) -> None:
    assert percent(share) == text


def test_units_are_those_of_the_trade() -> None:
    assert (size(999), size(1_500_000), size(82_000_000)) == ("999 B", "1.5 MB", "82 MB")
    assert (memory(8 << 30), memory(64 << 30), memory(14 << 20)) == ("8.0 GiB", "64 GiB", "14 MiB")
    assert moment(assessments.MADE) == "24 November 2026, 13:08 UTC"


def test_lists_of_names_are_short() -> None:
    assert listed(()) == ""
    assert listed(("a",)) == "a"
    assert listed(("a", "b", "c")) == "a, b and c"
    assert listed(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"
