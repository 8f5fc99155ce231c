"""Judge the hosts of an estate, from snapshots to verdicts. Pure: the same input gives the same result."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from assess.assessment import Assessment
from assess.engine import Rules, judge_estate, judge_host
from assess.knowledge.system_families import family_of
from assess.model import (
    Evidence,
    Finding,
    HostAssessment,
    JudgedHost,
    Target,
    Undetermined,
    Workload,
    WorkloadAssessment,
)
from assess.planning.container_settings import container_settings
from assess.planning.dependencies import dependencies_of
from assess.planning.estate_planner import EstatePlanner
from assess.planning.port_map import Clients, Contact, clients_of_ports, port_uses
from assess.planning.unused_services import unused_services
from assess.policy.enforcement import NAMED_BY_POLICY, custom_rules, unused_waivers, waived, waivers_about
from assess.policy.model import Policy, Waiver
from assess.rule import Rule
from assess.rules import RULES
from assess.rules.network.contested_identity import attributed_to_none
from assess.scoring import Judged, assess_workload
from assess.streaming.host_survey import HostSurvey, SurveyStore, facts_of, survey_of, surveys_of
from assess.streaming.results import EstateResult, Results
from assess.subjects.estate_index import EstateIndex, IndexedHost, Interner
from assess.subjects.host_facts import CachedHost, HostFacts
from inventory.observation import Found, Gap, Origin, Unknown
from inventory.snapshot import Snapshot

Quote = Callable[[str, Origin], str]
"""The line of a host's recording that an origin points at, "" when there is none to show."""

_NO_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Criteria:
    """The targets, rules and policy that an estate is judged by.

    ``now`` is our clock in seconds since the epoch. ``known_names`` returns the names to keep for a host: key that a
    workload is recognised by to name. ``quote`` adds to each piece of evidence its line of the recording. Hosts of the
    group ``container_hosts`` are listed as hosts, and their own programs are not judged.
    """

    targets: Sequence[Target]
    now: float
    inventory_path: str
    known_names: Callable[[str], Mapping[str, str]] = lambda _host: {}
    rules: Sequence[Rule] = RULES
    quote: Quote | None = None
    policy: Policy = field(default_factory=Policy)


def assess_estate(
    snapshots: Sequence[Snapshot],
    targets: Sequence[Target],
    now: float,
    inventory_path: str,
    known_names: Mapping[str, Mapping[str, str]] = _NO_NAMES,
    *,
    rules: Sequence[Rule] = RULES,
    quote: Quote | None = None,
    policy: Policy | None = None,
) -> Assessment:
    """Judge every workload of every host on every target, with all snapshots in memory.

    ``known_names`` are :func:`names_of` the last assessment. See :class:`Criteria` for the rest.
    """
    criteria = Criteria(
        targets, now, inventory_path, lambda host: known_names.get(host, {}), rules, quote, policy or Policy()
    )
    return assess_hosts(snapshots, criteria, Results(), held=len(snapshots))


def assess_hosts(
    snapshots: Iterable[Snapshot],
    criteria: Criteria,
    results: Results,
    *,
    held: int = 0,
    surveys: SurveyStore | None = None,
) -> Assessment:
    """Judge every workload of every host on every target, one snapshot at a time.

    ``snapshots`` is iterated twice, in the same order: first to learn what hosts must know of each other, then to judge
    each. An estate of at most ``held`` hosts is read once, and its facts stay in memory. With ``surveys`` the first
    pass uses what is stored there, and needs few facts or none. Findings go to ``results``.
    """
    with _no_collection():
        return _assess(snapshots, criteria, results, held, surveys)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Suspend the garbage collector: facts hold no reference cycles, and collecting them every few hosts costs a third
    of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _assess(
    snapshots: Iterable[Snapshot], criteria: Criteria, results: Results, held: int, surveys: SurveyStore | None
) -> Assessment:
    policy, interner = criteria.policy, Interner()
    if surveys is None:
        known, clients, facts = _survey(snapshots, criteria, results, interner, held)
    else:
        stored = surveys_of(surveys, criteria.known_names, policy, interner)
        known, clients, facts = (*_compare(stored, results), None)
    estate = EstateIndex(known, tuple(criteria.targets), criteria.now)
    judge = _Judge(estate, clients, criteria, results)
    planner = EstatePlanner(interner, policy.priorities)
    judge.judge_estate()
    for number, host in enumerate(facts if facts is not None else _second_pass(snapshots, known, results)):
        judged = judge.judge_host(number, host)
        planner.add(host, judged, dependencies_of(estate, host))
        results.add(judged)
    return results.assessment(
        EstateResult(
            made=criteria.now,
            inventory=criteria.inventory_path,
            targets=estate.targets,
            port_claims=estate.port_claim_ids,
            undetermined=tuple(judge.undetermined),
            plan=planner.plan(estate.targets),
            notices=unused_waivers(judge.waivers_used, policy),
        )
    )


def _survey(
    snapshots: Iterable[Snapshot], criteria: Criteria, results: Results, interner: Interner, held: int
) -> tuple[tuple[IndexedHost, ...], Clients, list[HostFacts] | None]:
    """Return what hosts know of each other, the clients of each port, and all facts if there are few hosts."""
    facts: list[HostFacts] = []
    number = 0

    def made() -> Iterator[HostSurvey]:
        nonlocal number
        for number, snapshot in enumerate(snapshots, 1):
            host = facts_of(snapshot, criteria.known_names(snapshot.host), criteria.policy)
            if number <= held:
                facts.append(host)
            else:
                facts.clear()
            yield survey_of(host, interner)

    known, clients = _compare(made(), results)
    return known, clients, facts if number <= held else None


def _compare(surveys: Iterable[HostSurvey], results: Results) -> tuple[tuple[IndexedHost, ...], Clients]:
    """Return what hosts know of each other, and the clients of each port."""
    known: list[IndexedHost] = []
    contacts: list[tuple[Contact, ...]] = []
    for survey in surveys:
        known.append(survey.known)
        contacts.append(survey.contacts)
        results.add_summary(survey.summary)
    estate = EstateIndex(tuple(known), (), 0.0)
    return estate.hosts, clients_of_ports(estate, contacts)


def _second_pass(snapshots: Iterable[Snapshot], known: Iterable[IndexedHost], results: Results) -> Iterator[HostFacts]:
    for number, (snapshot, host) in enumerate(zip(snapshots, known, strict=True)):
        summary = results.summary(number)
        yield HostFacts(snapshot, summary.workloads, CachedHost(summary.facts, host))


class _Judge:
    """Judges the hosts of an estate whose shared facts are complete."""

    def __init__(self, estate: EstateIndex, clients: Clients, criteria: Criteria, results: Results) -> None:
        self._estate = estate
        self._clients = clients
        self._rules = Rules((*criteria.rules, *custom_rules(criteria.policy)))
        self._policy = criteria.policy
        self._quote = criteria.quote
        self._results = results
        self.undetermined: list[Undetermined] = []
        self.waivers_used: set[Waiver] = set()

    def judge_estate(self) -> None:
        """Apply the rules about the estate; their findings wait for their hosts."""
        numbers = {host.name: number for number, host in enumerate(self._estate.hosts)}
        for answer in judge_estate(self._estate, self._rules):
            if isinstance(answer, Undetermined):
                self.undetermined.append(answer)
            else:
                (finding,) = self._waived([answer])
                self._results.add_estate_finding(numbers.get(finding.host), finding)

    def judge_host(self, number: int, host: HostFacts) -> JudgedHost:
        """Return everything found about one host. ``number`` counts the hosts of the estate from 0."""
        outcome = judge_host(self._estate, host, self._rules)
        own = self._quoted(self._waived(outcome.findings))
        estate_findings = self._quoted(self._results.estate_findings(number))
        self._results.replace_estate_findings(number, estate_findings)
        findings: dict[str | None, list[Finding]] = {}
        for finding in (*own, *estate_findings):
            findings.setdefault(finding.workload, []).append(finding)
        undetermined: dict[str | None, list[Undetermined]] = {}
        for each in outcome.undetermined:
            undetermined.setdefault(each.workload, []).append(each)
        host_findings = tuple(findings.get(None, ()))
        cap = family_of(host.snapshot).cap

        def assessed(workload: Workload) -> WorkloadAssessment:
            mine = tuple(findings.get(workload.id, ()))
            judged = Judged(
                findings=mine,
                host_findings=host_findings,
                undetermined=tuple(undetermined.get(workload.id, ())),
                asked=outcome.asked.get(workload.id, 0),
                settings=container_settings(host, workload, mine) if workload.kind == "service" else (),
                cap=cap,
            )
            return assess_workload(workload, self._estate.targets, judged, self._policy.priorities)

        workloads = tuple(assessed(workload) for workload in host.workloads)
        host_assessment = HostAssessment(
            snapshot=host.snapshot,
            unseen=_unseen(host.snapshot),
            gaps=_gaps(host.snapshot),
            findings=host_findings,
            undetermined=tuple(undetermined.get(None, ())),
            # The clients of an address or name that several hosts claim are unknown.
            unused=() if attributed_to_none(self._estate, host) else unused_services(host, self._clients),
        )
        return JudgedHost(host_assessment, workloads, port_uses(self._estate, host, self._clients), tuple(own))

    def _waived(self, findings: Sequence[Finding]) -> list[Finding]:
        self.waivers_used |= waivers_about(findings, self._policy)
        return waived(findings, self._policy, self._estate.now)

    def _quoted(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings with the lines that they rest on."""
        quote = self._quote
        return list(findings) if quote is None else [_with_lines(each, quote) for each in findings]


def names_of(assessment: Assessment) -> dict[str, dict[str, str]]:
    """Return the names to keep for the next scan: host, key that a workload is recognised by, name. Plain JSON."""
    names: dict[str, dict[str, str]] = {}
    for each in assessment.workloads:
        workload = each.workload
        if workload.named_by == NAMED_BY_POLICY:
            # The policy names it at each assessment; the name without it must be found again once the policy is gone.
            continue
        for key in workload.recognised_by:
            names.setdefault(workload.host, {}).setdefault(key, workload.name)
    return names


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


def _with_lines(finding: Finding, quote: Quote) -> Finding:
    host = finding.host
    evidence = tuple(
        each if each.text or each.origin is None else Evidence(each.fact, each.origin, quote(host, each.origin))
        for each in finding.evidence
    )
    return replace(finding, evidence=evidence)
