"""Comparable records of an assessment as plain JSON types, and the differences between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from assess.assessment import Assessment
from assess.model import Finding
from inventory.formats.fact_json import json_text

JudgementRecord = Mapping[str, Any]
"""``workloads`` maps an id to its verdict and score; ``findings`` maps what tells a finding from others to its rule,
name, severity, subject, target and message; ``targets`` are the names of those that was judged on (a judgement kept by
an early version has none). All text is JSON's.
"""


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A workload that came, went, or is judged otherwise. ``old`` and ``new`` are (verdict, score), None for none."""

    workload: str
    old: tuple[str, int] | None
    new: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that came or went, or is of another severity. ``severity`` is (old, new), "" for none."""

    rule: str
    name: str
    subject: str
    target: str
    message: str
    change: Literal["added", "removed", "changed"]
    severity: tuple[str, str]


@dataclass(frozen=True, slots=True)
class JudgementDifference:
    """The differences between two assessments."""

    verdicts: tuple[VerdictChange, ...]
    findings: tuple[FindingChange, ...]

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


def _verdict(workload: Mapping[str, Any] | None) -> tuple[str, int] | None:
    return None if workload is None else (str(workload["verdict"]), int(workload["score"]))


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> FindingChange:
    one = new or old or {}
    change: Literal["added", "removed", "changed"] = "added" if old is None else "removed" if new is None else "changed"
    severity = (str(old["severity"]) if old else "", str(new["severity"]) if new else "")
    return FindingChange(one["rule"], one["name"], one["subject"], one["target"], one["message"], change, severity)


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
