"""The whole assessment of an estate, from snapshots to verdicts. Pure: the same input gives the same result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from assess.engine import Outcome, run_rules
from assess.estate_plan import plan_estate
from assess.facts import EstateFacts, HostFacts
from assess.judgement.applying import SAID, corrected, own_rules, unused_waivers, waived
from assess.judgement.model import Judgement
from assess.model import (
    Assessment,
    Evidence,
    Finding,
    HostAssessment,
    Target,
    Undetermined,
    WorkloadAssessment,
)
from assess.ports import port_plan
from assess.rule import Rule
from assess.rules import RULES
from assess.scoring import Judged, assess_workload
from assess.targets import is_target
from assess.workloads import find_workloads
from inventory.observation import Found, Gap, Origin, Unknown
from inventory.snapshot import Snapshot

Quote = Callable[[str, Origin], str]
"""The line of a host's recording that an origin points at, "" when there is none to show."""

NO_JUDGEMENT = Judgement()
_NO_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType({})


def assess_estate(
    snapshots: Sequence[Snapshot],
    targets: Sequence[Target],
    now: float,
    inventory_path: str,
    known_names: Mapping[str, Mapping[str, str]] = _NO_NAMES,
    *,
    rules: Sequence[Rule] = RULES,
    quote: Quote | None = None,
    judgement: Judgement = NO_JUDGEMENT,
) -> Assessment:
    """Judge every workload of every host on every target.

    ``now`` is our clock in seconds since the epoch; ``known_names`` are :func:`names_of` the last assessment. With
    ``quote`` each piece of evidence is given its line of the recording. Hosts of the group ``container_hosts`` are
    shown as hosts, and their own programs are not judged. ``judgement`` is what people said themselves: their rules are
    asked too, what they accepted counts as a note, and workloads are what they say.
    """
    hosts = tuple(
        HostFacts(
            snapshot,
            ()
            if is_target(snapshot)
            else corrected(find_workloads(snapshot, known_names.get(snapshot.host, MappingProxyType({}))), judgement),
        )
        for snapshot in snapshots
    )
    estate = EstateFacts(hosts, tuple(targets), now)
    outcome = run_rules(estate, (*rules, *own_rules(judgement)))
    notices = unused_waivers(outcome.findings, judgement)
    outcome.findings = waived(outcome.findings, judgement, now)
    if quote is not None:
        outcome.findings = _quoted(outcome.findings, quote)
    sorted_outcome = _Sorted(outcome)
    host_assessments: list[HostAssessment] = []
    workloads: list[WorkloadAssessment] = []
    for host in hosts:
        findings = sorted_outcome.findings(host.name, None)
        host_assessments.append(
            HostAssessment(
                snapshot=host.snapshot,
                unseen=_unseen(host.snapshot),
                gaps=_gaps(host.snapshot),
                findings=findings,
                undetermined=sorted_outcome.undetermined(host.name, None),
            )
        )
        for workload in host.workloads:
            judged = Judged(
                findings=sorted_outcome.findings(host.name, workload.id),
                host_findings=findings,
                undetermined=sorted_outcome.undetermined(host.name, workload.id),
                asked=sorted_outcome.asked(host.name, workload.id),
            )
            workloads.append(assess_workload(workload, estate.targets, judged, judgement.priorities))
    port_uses = port_plan(estate)
    return Assessment(
        made=now,
        inventory=inventory_path,
        hosts=tuple(host_assessments),
        targets=estate.targets,
        workloads=tuple(workloads),
        port_plan=port_uses,
        findings=tuple(outcome.findings),
        undetermined=sorted_outcome.undetermined("", None),
        plan=plan_estate(
            estate,
            workloads,
            port_uses,
            judgement.priorities,
            {each.snapshot.host: each.findings for each in host_assessments},
        ),
        notices=notices,
    )


def names_of(assessment: Assessment) -> dict[str, dict[str, str]]:
    """The names to keep for the next scan: host, key that a workload is recognised by, name. Plain JSON."""
    names: dict[str, dict[str, str]] = {}
    for each in assessment.workloads:
        workload = each.workload
        if workload.named_by == SAID:
            # Said anew each time; what it is called without that is to be found again when nobody says it any more.
            continue
        for key in workload.recognised_by:
            names.setdefault(workload.host, {}).setdefault(key, workload.name)
    return names


class _Sorted:
    """The outcome by host and workload, so that each is looked up and not searched for."""

    def __init__(self, outcome: Outcome) -> None:
        self._findings: dict[tuple[str, str | None], list[Finding]] = {}
        self._undetermined: dict[tuple[str, str | None], list[Undetermined]] = {}
        self._asked: dict[tuple[str, str | None], int] = {}
        for finding in outcome.findings:
            self._findings.setdefault((finding.host, finding.workload), []).append(finding)
        for undetermined in outcome.undetermined:
            self._undetermined.setdefault((undetermined.host, undetermined.workload), []).append(undetermined)
        for (host, workload, _target), count in outcome.asked.items():
            self._asked[host, workload] = self._asked.get((host, workload), 0) + count

    def findings(self, host: str, workload: str | None) -> tuple[Finding, ...]:
        return tuple(self._findings.get((host, workload), ()))

    def undetermined(self, host: str, workload: str | None) -> tuple[Undetermined, ...]:
        return tuple(self._undetermined.get((host, workload), ()))

    def asked(self, host: str, workload: str | None) -> int:
        return self._asked.get((host, workload), 0)


def _unseen(snapshot: Snapshot) -> tuple[tuple[str, str], ...]:
    return tuple(
        (section, observation.reason)
        for section, observation in snapshot.observations.items()
        if isinstance(observation, Unknown) and observation.asked
    )


def _gaps(snapshot: Snapshot) -> tuple[tuple[str, Gap], ...]:
    return tuple(
        (section, gap)
        for section, observation in snapshot.observations.items()
        if isinstance(observation, Found)
        for gap in observation.gaps
    )


def _quoted(findings: list[Finding], quote: Quote) -> list[Finding]:
    """The findings with their lines, looked up host by host: whoever quotes then reads each recording once."""
    quoted = list(findings)
    for index in sorted(range(len(findings)), key=lambda index: findings[index].host):
        finding = findings[index]
        evidence = tuple(_with_line(finding.host, each, quote) for each in finding.evidence)
        quoted[index] = replace(finding, evidence=evidence)
    return quoted


def _with_line(host: str, evidence: Evidence, quote: Quote) -> Evidence:
    if evidence.text or evidence.origin is None:
        return evidence
    return replace(evidence, text=quote(host, evidence.origin))
