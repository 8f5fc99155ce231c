"""Comparable records of an assessment as plain JSON types, and the differences between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Annotated, Any

import msgspec

from assess.assessment import Assessment
from assess.model import Finding
from inventory.described import doc
from inventory.formats.fact_json import json_text
from inventory.history.snapshot_diff import Change

JudgementRecord = Mapping[str, Any]
"""``workloads`` maps an id to its verdict and score; ``findings`` maps what tells a finding from others to its rule,
name, severity, subject, target and message; ``targets`` are the names of those that was judged on (a judgement kept by
an early version has none). All text is JSON's.
"""


class ScoredVerdict(msgspec.Struct, frozen=True):
    """The verdict of a workload."""

    verdict: Annotated[str, doc("The verdict.")]
    score: Annotated[int, doc("0 to 100.", ge=0, le=100)]


class VerdictChange(msgspec.Struct, frozen=True):
    """A workload that was added, removed, or is judged differently."""

    workload: Annotated[str, doc("Id of the workload.")]
    old: Annotated[ScoredVerdict | None, doc("Null if there was no such workload.")]
    new: Annotated[ScoredVerdict | None, doc("Null if there is no such workload.")]


class SeverityChange(msgspec.Struct, frozen=True):
    """Severity of a finding in two scans."""

    old: Annotated[str | None, doc("Old severity; null for a new finding.")]
    new: Annotated[str | None, doc("New severity; null for a removed finding.")]


class FindingChange(msgspec.Struct, frozen=True):
    """A finding that was added, removed, or has another severity."""

    rule: Annotated[str, doc("Id of the rule.")]
    name: Annotated[str, doc("Name of the rule.")]
    subject: Annotated[str, doc("Workload or host.")]
    target: Annotated[str | None, doc("Target it applies to; null for all.")]
    message: Annotated[str, doc("The finding.")]
    change: Annotated[Change, doc("Type of change.")]
    severity: Annotated[SeverityChange, doc("Severity of the finding.")]


class JudgementDifference(msgspec.Struct, frozen=True):
    """The differences between two assessments."""

    verdicts: tuple[VerdictChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.verdicts or self.findings)


def about(assessment: Assessment) -> Mapping[str, Any]:
    """Return the part of the record that is about all hosts: the ``targets``."""
    return {"targets": [json_text(each.name) for each in assessment.targets]}


def judgement_of(assessment: Assessment) -> JudgementRecord:
    """The verdicts and findings."""
    return {
        **about(assessment),
        "workloads": {
            json_text(each.workload.id): {"verdict": str(each.verdict), "score": each.score}
            for each in assessment.workloads
        },
        "findings": {_key(finding): _finding(finding) for finding in assessment.findings},
    }


def judgements_of(assessment: Assessment) -> Iterator[tuple[str, JudgementRecord]]:
    """The same host by host, in the order of the inventory; what is about no host comes last, under the name ""."""
    workloads = iter(assessment.workloads)
    following = next(workloads, None)
    for host in assessment.hosts:
        name = host.snapshot.host
        verdicts: dict[str, dict[str, Any]] = {}
        findings = {_key(each): _finding(each) for each in host.findings}
        while following is not None and following.workload.host == name:
            verdicts[json_text(following.workload.id)] = {"verdict": str(following.verdict), "score": following.score}
            findings.update((_key(each), _finding(each)) for each in following.findings)
            following = next(workloads, None)
        yield json_text(name), {"workloads": verdicts, "findings": findings}
    told_apart = assessment.of_no_host
    # Of a large estate to walk through all findings is to read all that was judged once more.
    findings_of_none = (each for each in (assessment.findings if told_apart is None else told_apart) if not each.host)
    of_none = {_key(each): _finding(each) for each in findings_of_none}
    yield "", {"workloads": {}, "findings": of_none}


def compare_by_host(
    old: Iterable[tuple[str, JudgementRecord]], new: Iterable[tuple[str, JudgementRecord]]
) -> JudgementDifference:
    """Compare host by host. Where both have their hosts in one order, memory holds one host at a time."""
    earlier, passed = iter(old), dict[str, JudgementRecord]()
    nothing: JudgementRecord = {"workloads": {}, "findings": {}}
    verdicts: list[VerdictChange] = []
    findings: list[FindingChange] = []

    def add(before: JudgementRecord, after: JudgementRecord) -> None:
        changed = compare_judgements(before, after)
        verdicts.extend(changed.verdicts)
        findings.extend(changed.findings)

    for host, after in new:
        before = passed.pop(host, None)
        while before is None and (following := next(earlier, None)) is not None:
            if following[0] == host:
                before = following[1]
            else:
                passed[following[0]] = following[1]
        add(before or nothing, after)
    for _, before in chain(passed.items(), earlier):
        add(before, nothing)
    return JudgementDifference(tuple(verdicts), tuple(findings))


def compare_judgements(old: JudgementRecord, new: JudgementRecord) -> JudgementDifference:
    """Return the differences, in the order of the new record; removed entries come last."""
    verdicts = [
        VerdictChange(workload, _verdict(before), _verdict(after))
        for workload, before, after in _pairs(old["workloads"], new["workloads"])
        if _verdict(before) != _verdict(after)
    ]
    findings = [
        _change(before, after)
        for _, before, after in _pairs(old["findings"], new["findings"])
        if before is None or after is None or before["severity"] != after["severity"]
    ]
    return JudgementDifference(tuple(verdicts), tuple(findings))


def _pairs(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    return [(name, old.get(name), new.get(name)) for name in dict.fromkeys([*new, *old])]


def _verdict(workload: Mapping[str, Any] | None) -> ScoredVerdict | None:
    return None if workload is None else ScoredVerdict(str(workload["verdict"]), int(workload["score"]))


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> FindingChange:
    one = new or old or {}
    change: Change = "added" if old is None else "removed" if new is None else "changed"
    severity = SeverityChange(str(old["severity"]) if old else None, str(new["severity"]) if new else None)
    return FindingChange(
        one["rule"], one["name"], one["subject"], one["target"] or None, one["message"], change, severity
    )


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "severity": str(finding.severity),
        "subject": json_text(finding.workload or finding.host),
        "target": json_text(finding.target or ""),
        "message": json_text(finding.message),
    }


def _key(finding: Finding) -> str:
    return json_text("\n".join([finding.rule, finding.workload or finding.host, finding.target or "", finding.message]))
