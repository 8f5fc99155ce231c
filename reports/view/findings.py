"""Findings as rows, and grouped by fix."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from assess.assessment import Assessment
from assess.model import Evidence, Finding, Severity
from assess.rule import Rule
from reports.view.labels import SEVERITIES, Label, count, host_link, workload_link

Key = tuple[str, str, str, str, str]
"""What makes two findings the same: rule, host, workload, target, message."""

ORDER = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class RuleWords:
    """Texts of a rule."""

    id: str
    name: str
    summary: str
    why: str
    remedy: str


class EvidenceRow(NamedTuple):
    """``origin`` is ``section/part:line`` of the recording, "" for what was computed; ``text`` the line itself."""

    fact: str
    origin: str
    text: str


class FindingRow(NamedTuple):
    """One finding. ``workload`` is "" for what is said of a whole host, ``host`` "" for the whole estate."""

    workload: str
    host: str
    rule: str
    name: str
    severity: Label
    target: str
    message: str
    remedy: str
    evidence: tuple[EvidenceRow, ...]

    @property
    def key(self) -> Key:
        """Equal to the key of its finding."""
        return self.rule, self.host, self.workload, self.target, self.message


class FixPlace(NamedTuple):
    """The scope of a fix: a workload, else a host, else the estate. ``message`` and ``remedy`` have the values (ports,
    paths) of that place; ``remedy`` is "" where it is that of the fix.
    """

    where: str
    href: str
    message: str
    remedy: str


_EACH = "The fix differs; see each finding."

PLACES = 8
"""Places of one fix that are listed with it; the table of findings has all."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One thing to do, and what it clears. ``last_of`` counts the services on which nothing else of weight is left.

    ``remedy`` is that of all findings, else the rule's: it has no values of any one of them. ``places`` are the first
    PLACES findings.
    """

    rule: str
    name: str
    summary: str
    why: str
    remedy: str
    severity: Label
    findings: int
    workloads: int
    hosts: int
    last_of: int
    href: str
    places: tuple[FixPlace, ...] = ()

    @property
    def more(self) -> str:
        """The number of findings that are not in ``places``, "" for none."""
        left = self.findings - len(self.places)
        return f"Showing {len(self.places)} of {count(self.findings, 'finding')}." if left else ""

    @property
    def first_step(self) -> str:
        """The first sentence of the remedy, for lists."""
        return re.split(r"(?<=[.!?]) (?=[A-Z])", self.remedy, maxsplit=1)[0].rstrip(".")

    @property
    def clears(self) -> str:
        """``clears 12 findings on 8 workloads``, or on hosts where no workload is named."""
        where = count(self.workloads, "workload") if self.workloads else count(self.hosts, "host")
        return f"clears {count(self.findings, 'finding')} on {where}"

    @property
    def alone(self) -> str:
        """``on 2 of them it is the only real obstacle``."""
        if self.last_of == self.workloads:
            return "it is the only serious obstacle there"
        return f"on {self.last_of:,} of them it is the only serious obstacle"


def key_of(finding: Finding) -> Key:
    """The key of a finding."""
    return finding.rule, finding.host, finding.workload or "", finding.target or "", finding.message


def rule_words(rules: Iterable[Rule]) -> dict[str, RuleWords]:
    """The rules by id."""
    return {rule.id: RuleWords(rule.id, rule.name, rule.summary, rule.why, rule.remedy) for rule in rules}


def evidence_rows(evidence: Iterable[Evidence]) -> tuple[EvidenceRow, ...]:
    """Evidence as rows."""
    return tuple(EvidenceRow(each.fact, str(each.origin) if each.origin else "", each.text) for each in evidence)


def finding_row(finding: Finding, rules: Mapping[str, RuleWords]) -> FindingRow:
    """A finding as a row; its remedy is the rule's where it has none."""
    known = rules.get(finding.rule)
    return FindingRow(
        workload=finding.workload or "",
        host=finding.host,
        rule=finding.rule,
        name=finding.name,
        severity=SEVERITIES[finding.severity],
        target=finding.target or "",
        message=finding.message,
        remedy=finding.remedy or (known.remedy if known else ""),
        evidence=evidence_rows(finding.evidence),
    )


def all_findings(assessment: Assessment) -> tuple[Finding, ...]:
    """Every finding once, the worst first: those of workloads, of whole hosts and of the estate.

    A finding that stands in two of these places (a conflict is the estate's and each workload's) is one finding.
    """
    every: dict[Key, Finding] = {}
    places = (
        *(each.findings for each in assessment.workloads),
        *(each.findings for each in assessment.hosts),
        assessment.findings,
    )
    for findings in places:
        for finding in findings:
            every.setdefault(key_of(finding), finding)
    return tuple(sorted(every.values(), key=lambda each: ORDER[each.severity]))


def fixes(assessment: Assessment, findings: Iterable[Finding], rules: Mapping[str, RuleWords]) -> tuple[Fix, ...]:
    """Fixes, those that clear the most work first.

    Weight comes before number: what frees the most services, then the worst severity, then the most findings. Notes ask
    for nothing and come last.
    """
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.rule, []).append(finding)
    last: Counter[str] = Counter()
    for each in assessment.workloads:
        weighty = {finding.rule for finding in each.findings if finding.severity in (Severity.BLOCKER, Severity.MAJOR)}
        if each.workload.kind == "service" and len(weighty) == 1:
            last[weighty.pop()] += 1
    made = [_fix(rule, group, last[rule], rules.get(rule)) for rule, group in groups.items()]
    severity_order = {word.key: ORDER[severity] for severity, word in SEVERITIES.items()}
    return tuple(
        sorted(
            made,
            key=lambda fix: (fix.severity.key == "info", -fix.last_of, severity_order[fix.severity.key], -fix.findings),
        )
    )


def _fix(rule: str, group: list[Finding], last_of: int, known: RuleWords | None) -> Fix:
    worst = min(group, key=lambda finding: ORDER[finding.severity])
    general = known.remedy if known else ""
    remedies = {finding.remedy or general for finding in group}
    remedy = remedies.pop() if len(remedies) == 1 else general or _EACH
    return Fix(
        rule=rule,
        name=worst.name,
        summary=known.summary if known else "",
        why=known.why if known else "",
        remedy=remedy,
        severity=SEVERITIES[worst.severity],
        findings=len(group),
        workloads=len({finding.workload for finding in group if finding.workload}),
        hosts=len({finding.host for finding in group if finding.host}),
        last_of=last_of,
        href=f"#findings?rule={rule}",
        places=tuple(_place(finding, remedy) for finding in group[:PLACES]),
    )


def _place(finding: Finding, remedy: str) -> FixPlace:
    href = ""
    if finding.workload:
        href = workload_link(finding.workload)
    elif finding.host:
        href = host_link(finding.host)
    own = finding.remedy if finding.remedy != remedy else ""
    return FixPlace(finding.workload or finding.host or "the estate", href, finding.message, own)
