"""Apply a policy: custom rules, waivers of findings and corrections of workloads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from assess.model import Finding, Severity, Workload
from assess.policy.conditions import holds, needs_of
from assess.policy.model import CustomRule, Policy, Waiver, WorkloadOverride
from assess.rule import Hit, Rule, RuleAnswer, Scope
from assess.subjects.rule_subjects import WorkloadSubject

NAMED_BY_POLICY = "brownfield.yaml"
"""``Workload.named_by`` of workloads that the policy names."""


def custom_rules(policy: Policy) -> tuple[Rule, ...]:
    """The rules of the file as rules like any other."""
    return tuple(_rule(each, policy.path) for each in policy.rules)


def _rule(own: CustomRule, path: str) -> Rule:
    def check(subject: WorkloadSubject) -> RuleAnswer:
        evidence = holds(own.when, subject)
        if evidence is not None:
            yield Hit(own.severity, own.message, evidence)

    return Rule(
        id=own.id,
        name=own.name,
        scope=Scope.WORKLOAD,
        needs=needs_of(own.when),
        summary=own.message,
        why=own.why,
        remedy=own.remedy,
        source=f"{path}:{own.line}",
        check=check,
    )


def waived(findings: Iterable[Finding], policy: Policy, now: float) -> list[Finding]:
    """The findings, of which accepted ones count as notes and say by whom they were accepted.

    ``now`` is our clock in seconds since the epoch. A waiver that has ended changes nothing but the words.
    """
    if not policy.waivers:
        return list(findings)
    today = datetime.fromtimestamp(now, UTC).date()
    made: list[Finding] = []
    for finding in findings:
        for waiver in policy.waivers:
            if not waiver.covers((finding.rule, finding.name), finding.host, finding.workload):
                continue
            if waiver.until is not None and waiver.until < today:
                ended = f"{finding.message} (Its waiver ended on {waiver.until}: {waiver.reason})"
                finding = replace(finding, message=ended)
                continue
            until = f" until {waiver.until}" if waiver.until else ""
            words = f"Accepted{until} ({waiver.reason}); else it would be {finding.severity}. {finding.message}"
            finding = replace(finding, severity=Severity.INFO, message=words, waived=waiver.reason)
            break
        made.append(finding)
    return made


def waivers_about(findings: Iterable[Finding], policy: Policy) -> set[Waiver]:
    """The waivers that are about some of these findings, as they were found."""
    if not policy.waivers:
        return set()
    return {
        waiver
        for each in findings
        for waiver in policy.waivers
        if waiver.covers((each.rule, each.name), each.host, each.workload)
    }


def unused_waivers(used: Set[Waiver], policy: Policy) -> tuple[str, ...]:
    """Sentences on waivers that are about nothing that was found: a typing error, or something that was mended."""
    return tuple(
        f"{policy.path}:{waiver.line}: the waiver of {waiver.rule} is about nothing that was found"
        for waiver in policy.waivers
        if waiver not in used
    )


def corrected(workloads: Sequence[Workload], policy: Policy) -> tuple[Workload, ...]:
    """The workloads of one host with the corrections of the file, in the order of the file."""
    found = list(workloads)
    for override in policy.overrides:
        for workload in [each for each in found if fnmatchcase(each.id, override.match)]:
            found = _part(found, workload, override) if override.part_of else _changed(found, workload, override)
    return tuple(found)


def _changed(found: list[Workload], workload: Workload, override: WorkloadOverride) -> list[Workload]:
    name = override.name or workload.name
    taken = (unit.name for each in found if each is not workload for unit in (each, *each.parts))
    if name != workload.name and name in taken:
        return found
    made = replace(
        workload,
        name=name,
        named_by=NAMED_BY_POLICY if override.name else workload.named_by,
        kind="host function" if override.kind == "host function" else "service" if override.kind else workload.kind,
        purpose="set in brownfield.yaml" if override.kind == "host function" else workload.purpose,
        criticality=override.criticality or workload.criticality,
    )
    old = workload.id
    return [_renamed(made if each is workload else each, old, made.id) for each in found]


def _renamed(workload: Workload, old: str, new: str) -> Workload:
    """With its companion called by the new name."""
    if old == new or old not in workload.companions:
        return workload
    swap: Callable[[str], str] = lambda name: new if name == old else name  # noqa: E731 - used twice, right below
    return replace(
        workload,
        companions=tuple(map(swap, workload.companions)),
        companion_evidence=tuple((swap(name), evidence) for name, evidence in workload.companion_evidence),
        socket_ties=tuple(replace(tie, companion=swap(tie.companion)) for tie in workload.socket_ties),
    )


def _part(found: list[Workload], part: Workload, override: WorkloadOverride) -> list[Workload]:
    whole = next((each for each in found if each.name == override.part_of and each is not part), None)
    if whole is None:
        return found
    joined = replace(
        whole,
        processes=tuple(sorted((*whole.processes, *part.processes), key=lambda process: process.pid)),
        passing=tuple(sorted((*whole.passing, *part.passing), key=lambda process: process.pid)),
        listeners=(*whole.listeners, *part.listeners),
        unix_sockets=(*whole.unix_sockets, *part.unix_sockets),
        connections=(*whole.connections, *part.connections),
        packages=_both(whole.packages, part.packages),
        executables=_both(whole.executables, part.executables),
        configuration_roots=_both(whole.configuration_roots, part.configuration_roots),
        data=(*whole.data, *(each for each in part.data if each.path not in {own.path for own in whole.data})),
        schedules=(*whole.schedules, *(job for job in part.schedules if job not in whole.schedules)),
        companions=tuple(name for name in _both(whole.companions, part.companions) if name not in (whole.id, part.id)),
        companion_evidence=tuple(
            pair for pair in (*whole.companion_evidence, *part.companion_evidence) if pair[0] not in (whole.id, part.id)
        ),
        socket_ties=tuple(
            tie for tie in (*whole.socket_ties, *part.socket_ties) if tie.companion not in (whole.id, part.id)
        ),
        parts=(*whole.units, *part.units),
    )
    rest = [joined if each is whole else each for each in found if each is not part]
    return [_renamed(each, part.id, joined.id) for each in rest]


def _both(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))
