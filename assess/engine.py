"""Run rules on hosts and on the estate; a rule that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from assess.model import Finding, Undetermined, Workload
from assess.rule import Hit, Rule, Scope, Undecided
from assess.subjects.estate_index import EstateIndex
from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import HostOnTargetSubject, HostSubject, WorkloadOnTargetSubject, WorkloadSubject
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
class RuleOutcome:
    """The answers of rules about a host. ``asked`` counts the questions about each workload (by id), and the host
    (None).
    """

    findings: list[Finding] = field(default_factory=list)
    undetermined: list[Undetermined] = field(default_factory=list)
    asked: dict[str | None, int] = field(default_factory=dict)


class Rules:
    """Rules by their scope."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_scope: dict[Scope, list[Rule]] = {scope: [] for scope in Scope}
        for each in rules:
            self._by_scope[each.scope].append(each)
        self._by_platform: dict[tuple[Scope, str], list[Rule]] = {}
        self._sections: dict[str, frozenset[str]] = {}

    def of(self, scope: Scope) -> list[Rule]:
        """Those of one scope, in the order of RULES."""
        return self._by_scope[scope]

    def about(self, scope: Scope, platform: str) -> list[Rule]:
        """Those of one scope that are asked about hosts of a platform, in the order of RULES."""
        known = self._by_platform.get((scope, platform))
        if known is None:
            known = [each for each in self._by_scope[scope] if each.platform in (None, platform)]
            self._by_platform[scope, platform] = known
        return known

    def sections(self, platform: str) -> frozenset[str]:
        """All that a rule about hosts of a platform needs."""
        known = self._sections.get(platform)
        if known is None:
            rules = [each for scope in Scope for each in self.about(scope, platform)]
            needs = {section for each in rules for need in each.needs for section in JOINED.get(need, (need,))}
            known = self._sections[platform] = frozenset(needs)
        return known


def judge_host(estate: EstateIndex, host: HostFacts, rules: Rules) -> RuleOutcome:
    """Ask every rule about a host, its services and both on each target.

    A needed section that is Unknown makes the rule undetermined for that subject, never a pass; Absent and Found are
    for the rule to judge. So do open files of a workload's processes, configuration and crontabs that were refused to
    us: findings rest on what was read, and the rest is not a pass. Host functions stay on their host, so rules about
    workloads are asked about services only, and rules about one platform of its hosts only.

    Of rules about the estate it says which could not be decided here; their findings are those of the estate
    (:func:`judge_estate`). An exception from a rule becomes an Undetermined with ``failed`` set.
    """
    asking = _Asking(host, rules)
    asking.ask(Scope.HOST, HostSubject(estate, host), None, None)
    for target in estate.targets:
        asking.ask(Scope.HOST_ON_TARGET, HostOnTargetSubject(estate, host, target), None, target.name)
    services = [each for each in host.workloads if each.kind == "service"]
    for workload in services:
        asking.ask(Scope.WORKLOAD, WorkloadSubject(estate, host, workload), workload, None)
        for target in estate.targets:
            subject = WorkloadOnTargetSubject(estate, host, workload, target)
            asking.ask(Scope.WORKLOAD_ON_TARGET, subject, workload, target.name)
    for workload in services:
        asking.count_of_estate(workload)
    return asking.outcome


def judge_estate(estate: EstateIndex, rules: Rules) -> Iterator[Finding | Undetermined]:
    """Ask the rules about the estate as a whole. What is undetermined here is so for every host."""
    for rule in rules.of(Scope.ESTATE):
        try:
            # Rules are pure: asked once to see that it does not fail, and again to hold one answer at a time, since
            # those about ten thousand hosts are many.
            for _ in rule.check(estate):
                pass
        except Exception as error:  # a bug in one rule must not cost the others; it is shown as what it is
            yield _failure(rule, "", None, None, error)
            continue
        for answer in rule.check(estate):
            if isinstance(answer, Undecided):
                yield Undetermined(rule.id, rule.name, "", None, None, answer.section, answer.reason)
            else:
                yield _finding(rule, answer, answer.host, answer.workload, None)


_Question = tuple[Rule, "tuple[str, str] | None"]
"""A rule, and the section that it needs and that could not be read (section, reason), if there is one."""


class _Asking:
    """Asks rules about one host. What a rule lacks there is the same for all rules with the same needs."""

    def __init__(self, host: HostFacts, rules: Rules) -> None:
        self.outcome = RuleOutcome()
        self._host = host
        self._rules = rules
        self._questions: dict[Scope, list[_Question]] = {}
        self._missing: dict[tuple[str, ...], tuple[str, str] | None] = {}
        snapshot = host.snapshot
        self._all_seen = not any(
            isinstance(snapshot.observation(each), Unknown) for each in rules.sections(snapshot.platform)
        )
        self._refused: dict[str, dict[tuple[str, ...], Undecided | None]] = {}
        self._unseen_files: dict[str, str] = {}

    def ask(self, scope: Scope, subject: object, workload: Workload | None, target: str | None) -> None:
        """Ask all rules of a scope about one subject."""
        host, outcome = self._host.name, self.outcome
        name = workload.id if workload else None
        questions = self._of(scope)
        outcome.asked[name] = outcome.asked.get(name, 0) + len(questions)
        for rule, missing in questions:
            if missing:
                outcome.undetermined.append(Undetermined(rule.id, rule.name, host, name, target, *missing))
                continue
            try:
                answers = list(rule.check(subject))
            except Exception as error:
                outcome.undetermined.append(_failure(rule, host, name, target, error))
                continue
            undecided: Undecided | None = None
            for answer in answers:
                if isinstance(answer, Hit):
                    outcome.findings.append(_finding(rule, answer, host, name, target))
                elif undecided is None:
                    undecided = answer  # once is enough to know that the rule is not decided
            if undecided is None and workload is not None:
                undecided = self._refused_to(rule, workload)
            if undecided is not None:
                outcome.undetermined.append(
                    Undetermined(rule.id, rule.name, host, name, target, undecided.section, undecided.reason)
                )

    def count_of_estate(self, workload: Workload) -> None:
        """Rules about the estate were asked, for this workload too; say where one could not be decided here."""
        outcome, name = self.outcome, workload.id
        for rule, missing in self._of(Scope.ESTATE):
            outcome.asked[name] = outcome.asked.get(name, 0) + 1
            refused = None if missing else self._refused_to(rule, workload)
            why = missing or ((refused.section, refused.reason) if refused else None)
            if why is not None:
                outcome.undetermined.append(Undetermined(rule.id, rule.name, self._host.name, name, None, *why))

    def _of(self, scope: Scope) -> list[_Question]:
        known = self._questions.get(scope)
        if known is None:
            rules = self._rules.about(scope, self._host.snapshot.platform)
            known = self._questions[scope] = [(each, self._missing_for(each)) for each in rules]
        return known

    def _missing_for(self, rule: Rule) -> tuple[str, str] | None:
        if self._all_seen:
            return None
        if rule.needs not in self._missing:
            self._missing[rule.needs] = missing_section(rule, self._host.snapshot)
        return self._missing[rule.needs]

    def _refused_to(self, rule: Rule, workload: Workload) -> Undecided | None:
        refused = self._refused.get(workload.name)
        if refused is None:
            refused = self._refused[workload.name] = {}
        if rule.needs not in refused:
            refused[rule.needs] = self._refuse(rule, workload)
        return refused[rule.needs]

    def _refuse(self, rule: Rule, workload: Workload) -> Undecided | None:
        """Return the first section that the rule needs and that was read only in part."""
        host = self._host
        if host.snapshot.platform != Platform.WINDOWS and not _FROM_OPEN_FILES.isdisjoint(rule.needs):
            reason = self._unseen_files.get(workload.name)
            if reason is None:
                reason = self._unseen_files[workload.name] = host.unseen_files(workload.processes)
            if reason:
                return Undecided("open_files", reason)
        for section in _WHOLE:
            if section not in rule.needs:
                continue
            observation = host.snapshot.observation(section)
            if isinstance(observation, Found) and observation.gaps:
                gap = observation.gaps[0]
                return Undecided(section, f"{gap.what}: {gap.reason}")
        return None


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
        about=hit.about,
        settings=hit.settings,
        affects=hit.affects,
    )


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
