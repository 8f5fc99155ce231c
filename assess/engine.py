"""Runs rules: findings, and what could not be decided. One rule that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from assess.facts import EstateFacts, HostFacts, OfHost, OfHostOnTarget, OfWorkload, OfWorkloadOnTarget
from assess.model import Finding, Undetermined, Workload
from assess.rule import Hit, Rule, Scope, Undecided
from inventory.observation import Found, Observation, Unknown
from inventory.platforms import Platform
from inventory.snapshot import Snapshot

JOINED = {
    # Who holds a socket is known from the open files alone.
    "listeners": ("sockets", "open_files"),
    "connections": ("sockets", "open_files"),
}
"""Facts that a rule may need and that are joined from several sections."""

_JOINED_ON_WINDOWS = {"listeners": ("sockets",), "connections": ("sockets",)}
"""A socket of Windows is listed with the process that owns it."""

_FROM_OPEN_FILES = frozenset({"open_files", *JOINED})

# A file that could not be read may belong to any workload of the host.
_WHOLE = ("configuration", "cron")


@dataclass
class Outcome:
    """What rules said. ``asked`` counts the questions for each subject: (host, workload id or None, target or None)."""

    findings: list[Finding] = field(default_factory=list)
    undetermined: list[Undetermined] = field(default_factory=list)
    asked: dict[tuple[str, str | None, str | None], int] = field(default_factory=dict)


def run_rules(estate: EstateFacts, rules: Iterable[Rule]) -> Outcome:
    """Ask every rule about each of its subjects.

    A needed section that is Unknown makes the rule undetermined for that subject, never a pass; Absent and Found are
    for the rule to judge. So do open files of a workload's processes, configuration and crontabs that were refused to
    us: what was seen may be found, and what was not seen is no pass. Host functions stay on their host, so rules about
    workloads are asked about services only, and rules about one platform of its hosts only.

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
            _ask(each, OfWorkload(estate, host, workload), host, workload, None, outcome)
        for target in estate.targets:
            for each in by_scope[Scope.WORKLOAD_ON_TARGET]:
                subject = OfWorkloadOnTarget(estate, host, workload, target)
                _ask(each, subject, host, workload, target.name, outcome)


def _ask(
    rule: Rule, subject: object, host: HostFacts, workload: Workload | None, target: str | None, outcome: Outcome
) -> None:
    if rule.platform is not None and rule.platform != host.snapshot.platform:
        return
    name = workload.id if workload else None
    key = (host.name, name, target)
    outcome.asked[key] = outcome.asked.get(key, 0) + 1
    if missing := missing_section(rule, host.snapshot):
        outcome.undetermined.append(Undetermined(rule.id, rule.name, host.name, name, target, *missing))
        return
    try:
        answers = list(rule.check(subject))
    except Exception as error:  # a bug in one rule must not cost the others; it is shown as what it is
        outcome.undetermined.append(_failure(rule, host.name, name, target, error))
        return
    for answer in answers:
        if isinstance(answer, Hit):
            outcome.findings.append(_finding(rule, answer, host.name, name, target))
    # Once is enough to know that the rule is not decided.
    undecided = next((answer for answer in answers if isinstance(answer, Undecided)), None)
    if undecided is None and workload is not None:
        undecided = _refused(rule, host, workload)
    if undecided is not None:
        outcome.undetermined.append(
            Undetermined(rule.id, rule.name, host.name, name, target, undecided.section, undecided.reason)
        )


def _ask_about_estate(estate: EstateFacts, rule: Rule, outcome: Outcome) -> None:
    for host in estate.hosts:
        if rule.platform is not None and rule.platform != host.snapshot.platform:
            continue
        missing = missing_section(rule, host.snapshot)
        for workload in (each for each in host.workloads if each.kind == "service"):
            key = (host.name, workload.id, None)
            outcome.asked[key] = outcome.asked.get(key, 0) + 1
            refused = _refused(rule, host, workload)
            why = missing or ((refused.section, refused.reason) if refused else None)
            if why is not None:
                outcome.undetermined.append(Undetermined(rule.id, rule.name, host.name, workload.id, None, *why))
    try:
        answers = list(rule.check(estate))
    except Exception as error:
        outcome.undetermined.append(_failure(rule, "", None, None, error))
        return
    for answer in answers:
        if isinstance(answer, Undecided):
            outcome.undetermined.append(Undetermined(rule.id, rule.name, "", None, None, answer.section, answer.reason))
        else:
            outcome.findings.append(_finding(rule, answer, answer.host, answer.workload, None))


def _finding(rule: Rule, hit: Hit, host: str, workload: str | None, target: str | None) -> Finding:
    return Finding(
        rule=rule.id,
        name=rule.name,
        severity=hit.severity,
        host=host,
        workload=workload,
        target=target,
        message=hit.message,
        evidence=hit.evidence,
        remedy=hit.remedy or rule.remedy,
    )


def _refused(rule: Rule, host: HostFacts, workload: Workload) -> Undecided | None:
    """What the rule needs and was only partly seen."""
    windows = host.snapshot.platform == Platform.WINDOWS
    if not windows and _FROM_OPEN_FILES & set(rule.needs) and (reason := host.unseen_files(workload.processes)):
        return Undecided("open_files", reason)
    for section in _WHOLE:
        observation = host.snapshot.observation(section)
        if section in rule.needs and isinstance(observation, Found) and observation.gaps:
            gap = observation.gaps[0]
            return Undecided(section, f"{gap.what}: {gap.reason}")
    return None


def _failure(rule: Rule, host: str, workload: str | None, target: str | None, error: Exception) -> Undetermined:
    reason = f"the rule itself failed ({type(error).__name__}: {error}); this is a fault of assess, please report it"
    return Undetermined(rule.id, rule.name, host, workload, target, "", reason, failed=True)


def missing_section(rule: Rule, snapshot: Snapshot) -> tuple[str, str] | None:
    """The first needed section that is Unknown, and why; None when all were asked and answered."""
    joined = _JOINED_ON_WINDOWS if snapshot.platform == Platform.WINDOWS else JOINED
    for need in rule.needs:
        for section in joined.get(need, (need,)):
            observation: Observation[object] = snapshot.observation(section)
            if isinstance(observation, Unknown):
                return section, observation.reason
    return None
