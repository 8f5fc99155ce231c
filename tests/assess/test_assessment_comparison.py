"""Two judgements are compared host by host as they are in one piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from assess.assessment_comparison import (
    JudgementRecord,
    compare_by_host,
    compare_judgements,
    judgement_of,
    judgements_of,
)
from assess.assessor import Criteria, assess_estate, assess_hosts
from assess.model import Finding, Severity
from assess.streaming.results import Results
from tests.support.estate_recordings import TAKEN, recorded_host
from tests.support.judging import TARGET

FINDING = {"rule": "NET001", "name": "n", "severity": "minor", "subject": "a/x", "target": "", "message": "m"}
OF_HOSTS: list[tuple[str, JudgementRecord]] = [
    (name, {"workloads": {f"{name}/x": {"verdict": "ready", "score": 90}}, "findings": {name: FINDING}})
    for name in ("a", "b", "c")
]


def whole(of_hosts: list[tuple[str, JudgementRecord]]) -> JudgementRecord:
    return {
        part: {key: value for _, judged in of_hosts for key, value in judged[part].items()}
        for part in ("workloads", "findings")
    }


def test_host_by_host_it_says_what_the_whole_says() -> None:
    snapshots = [recorded_host(name) for name in ("web01", "db01", "app01")]
    assessment = assess_estate(snapshots, (TARGET,), TAKEN, "hosts.ini")
    of_hosts = list(judgements_of(assessment))
    assert [host for host, _ in of_hosts] == ["web01", "db01", "app01", ""]
    assert {**whole(of_hosts), "targets": [TARGET.name]} == judgement_of(assessment)
    assert not compare_by_host(of_hosts, of_hosts)


def test_what_is_about_no_host_is_found_without_all_findings() -> None:
    snapshots = [recorded_host(name) for name in ("web01", "db01")]
    results = Results()
    about_none = Finding("XXX001", "nobodys", Severity.INFO, "", None, None, "It is about no host.", (), "")
    results.add_estate_finding(None, about_none)
    assessment = assess_hosts(snapshots, Criteria((TARGET,), TAKEN, "hosts.ini"), results, held=2)
    assert about_none in assessment.findings
    *of_hosts, (name, of_none) = judgements_of(replace(assessment, findings=()))
    assert name == ""
    assert [each["rule"] for each in of_none["findings"].values()] == ["XXX001"]
    assert all(judged["findings"] for _, judged in of_hosts)


def test_what_changed_came_and_went_is_told() -> None:
    changed = {
        "workloads": {"b/x": {"verdict": "stay", "score": 0}},
        "findings": {"b": {**FINDING, "severity": "major"}},
    }
    new = [OF_HOSTS[0], ("b", changed), ("d", {"workloads": {}, "findings": {"d": FINDING}})]
    told = compare_by_host(OF_HOSTS, new)
    expected = compare_judgements(whole(OF_HOSTS), whole(new))
    assert set(told.verdicts) == set(expected.verdicts)
    assert set(told.findings) == set(expected.findings)
    assert (len(told.verdicts), len(told.findings)) == (2, 3)


def test_hosts_in_one_order_are_held_one_at_a_time() -> None:
    ahead = 0

    def counted(step: int) -> Iterator[tuple[str, JudgementRecord]]:
        nonlocal ahead
        for each in OF_HOSTS:
            ahead += step
            assert abs(ahead) <= 1
            yield each

    assert not compare_by_host(counted(-1), counted(1))
