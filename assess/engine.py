"""Runs rules: findings, and what could not be decided. One rule that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assess.facts import EstateFacts, HostFacts, OfHost, OfHostOnTarget, OfWorkload, OfWorkloadOnTarget
from assess.model import Finding, Undetermined
from assess.rule import Rule, Scope, Undecided
from inventory.observation import Observation, Unknown
from inventory.snapshot import Snapshot

JOINED = {
    # Who holds a socket is known from the open files alone.
    "listeners": ("sockets", "open_files"),
    "connections": ("sockets", "open_files"),
}
"""Facts that a rule may need and that are joined from several sections."""


@dataclass
class Outcome:
    """What rules said. ``asked`` counts the questions for each subject: (host, workload id or None, target or None)."""

    findings: list[Finding] = field(default_factory=list)
    undetermined: list[Undetermined] = field(default_factory=list)
    asked: dict[tuple[str, str | None, str | None], int] = field(default_factory=dict)


def run_rules(estate: EstateFacts, rules: Iterable[Rule]) -> Outcome:
    """Ask every rule about each of its subjects.

    A needed section that is Unknown makes the rule undetermined for that subject, never a pass; Absent and Found are
    for the rule to judge. Host functions stay on their host, so rules about workloads are asked about services only.
    An exception from a rule becomes an Undetermined with ``failed`` set.
    """
    outcome = Outcome()
    by_scope: dict[Scope, list[Rule]] = {scope: [] for scope in Scope}
    for each in rules:
        by_scope[each.scope].append(each)
    for host in estate.hosts:
        _ask_about_host(estate, host, by_scope, outcome)
    for each in by_scope[Scope.ESTATE]:
        _ask_about_estate(estate, each, outcome)
    return outcome


def _ask_about_host(estate: EstateFacts, host: HostFacts, by_scope: dict[Scope, list[Rule]], outcome: Outcome) -> None:
    for each in by_scope[Scope.HOST]:
        _ask(each, OfHost(estate, host), host, None, None, outcome)
    for target in estate.targets:
        for each in by_scope[Scope.HOST_ON_TARGET]:
            _ask(each, OfHostOnTarget(estate, host, target), host, None, target.name, outcome)
    for workload in host.workloads:
        if workload.kind != "service":
            continue
        for each in by_scope[Scope.WORKLOAD]:
            _ask(each, OfWorkload(estate, host, workload), host, workload.id, None, outcome)
        for target in estate.targets:
            for each in by_scope[Scope.WORKLOAD_ON_TARGET]:
                subject = OfWorkloadOnTarget(estate, host, workload, target)
                _ask(each, subject, host, workload.id, target.name, outcome)


def _ask(
    rule: Rule, subject: object, host: HostFacts, workload: str | None, target: str | None, outcome: Outcome
) -> None:
    key = (host.name, workload, target)
    outcome.asked[key] = outcome.asked.get(key, 0) + 1
    for section, reason in missing_sections(rule, host.snapshot):
        outcome.undetermined.append(Undetermined(rule.id, rule.name, host.name, workload, target, section, reason))
        return
    try:
        answers = list(rule.check(subject))
    except Exception as error:  # a bug in one rule must not cost the others; it is shown as what it is
        outcome.undetermined.append(_failure(rule, host.name, workload, target, error))
        return
    for answer in answers:
        if isinstance(answer, Undecided):
            outcome.undetermined.append(
                Undetermined(rule.id, rule.name, host.name, workload, target, answer.section, answer.reason)
            )
            break
    for answer in answers:
        if not isinstance(answer, Undecided):
            outcome.findings.append(
                Finding(
                    rule=rule.id,
                    name=rule.name,
                    severity=answer.severity,
                    host=host.name,
                    workload=workload,
                    target=target,
                    message=answer.message,
                    evidence=answer.evidence,
                    remedy=answer.remedy or rule.remedy,
                )
            )


def _ask_about_estate(estate: EstateFacts, rule: Rule, outcome: Outcome) -> None:
    for host in estate.hosts:
        for workload in (each for each in host.workloads if each.kind == "service"):
            key = (host.name, workload.id, None)
            outcome.asked[key] = outcome.asked.get(key, 0) + 1
            for section, reason in missing_sections(rule, host.snapshot):
                outcome.undetermined.append(
                    Undetermined(rule.id, rule.name, host.name, workload.id, None, section, reason)
                )
                break
    try:
        answers = list(rule.check(estate))
    except Exception as error:
        outcome.undetermined.append(_failure(rule, "", None, None, error))
        return
    for answer in answers:
        if isinstance(answer, Undecided):
            outcome.undetermined.append(Undetermined(rule.id, rule.name, "", None, None, answer.section, answer.reason))
            continue
        outcome.findings.append(
            Finding(
                rule=rule.id,
                name=rule.name,
                severity=answer.severity,
                host=answer.host,
                workload=answer.workload,
                target=None,
                message=answer.message,
                evidence=answer.evidence,
                remedy=answer.remedy or rule.remedy,
            )
        )


def _failure(rule: Rule, host: str, workload: str | None, target: str | None, error: Exception) -> Undetermined:
    reason = f"the rule itself failed ({type(error).__name__}: {error}); this is a fault of assess, please report it"
    return Undetermined(rule.id, rule.name, host, workload, target, "", reason, failed=True)


def missing_sections(rule: Rule, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """The needed sections that are Unknown, with the reason."""
    for need in rule.needs:
        for section in JOINED.get(need, (need,)):
            observation: Observation[object] = snapshot.observation(section)
            if isinstance(observation, Unknown):
                yield section, observation.reason
