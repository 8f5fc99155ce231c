"""The whole assessment of an estate, from snapshots to verdicts. Pure: the same input gives the same result."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType

from assess.assessment import Assessment
from assess.engine import Rules, ask_about_estate, ask_about_host
from assess.knowledge.system_families import family_of
from assess.model import Evidence, Finding, HostAssessment, JudgedHost, Target, Undetermined
from assess.planning.container_settings import container_settings
from assess.planning.dependencies import dependencies_of
from assess.planning.estate_planner import EstatePlanner
from assess.planning.port_map import Clients, Contact, clients_of_ports, port_uses
from assess.planning.unused_services import unused_services
from assess.policy.enforcement import SAID, own_rules, unused_waivers, waived, waivers_about
from assess.policy.model import Policy, Waiver
from assess.rule import Rule
from assess.rules import RULES
from assess.rules.network.contested_identity import attributed_to_none
from assess.scoring import Judged, assess_workload
from assess.streaming.host_survey import HostSurvey, SurveyStore, facts_of, survey_of, surveys_of
from assess.streaming.results import EstateResult, InMemoryResults, Results
from assess.subjects.estate_index import EstateIndex, IndexedHost, Interner
from assess.subjects.host_facts import CachedHost, HostFacts
from inventory.observation import Found, Gap, Origin, Unknown
from inventory.snapshot import Snapshot

Quote = Callable[[str, Origin], str]
"""The line of a host's recording that an origin points at, "" when there is none to show."""

NO_JUDGEMENT = Policy()
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
    judgement: Policy = NO_JUDGEMENT,
) -> Assessment:
    """Judge every workload of every host on every target, with all snapshots in memory.

    ``known_names`` are :func:`names_of` the last assessment. See :func:`assess_hosts` for the rest.
    """
    return assess_hosts(
        snapshots,
        targets,
        now,
        inventory_path,
        lambda host: known_names.get(host, {}),
        rules=rules,
        quote=quote,
        judgement=judgement,
        results=InMemoryResults(),
        held=len(snapshots),
    )


def assess_hosts(
    snapshots: Iterable[Snapshot],
    targets: Sequence[Target],
    now: float,
    inventory_path: str,
    known_names: Callable[[str], Mapping[str, str]],
    *,
    rules: Sequence[Rule] = RULES,
    quote: Quote | None = None,
    judgement: Policy = NO_JUDGEMENT,
    results: Results,
    held: int = 0,
    surveys: SurveyStore | None = None,
) -> Assessment:
    """Judge every workload of every host on every target, one snapshot at a time.

    ``snapshots`` is walked through twice, in the same order: first to learn what hosts must know of each other, then to
    judge each. An estate of at most ``held`` hosts is read once, and its facts stay in memory meanwhile. What is found
    goes to ``results``. With ``surveys`` the first walk is through what is kept there, and needs few facts or none.

    ``now`` is our clock in seconds since the epoch; ``known_names`` gives for a host the names to keep: key that a
    workload is recognised by to name. With ``quote`` each piece of evidence is given its line of the recording. Hosts
    of the group ``container_hosts`` are shown as hosts, and their own programs are not judged. ``judgement`` is what
    people said themselves: their rules are asked too, what they accepted counts as a note, and workloads are what they
    say.
    """
    with _no_collection():
        return _assess(
            snapshots, targets, now, inventory_path, known_names, rules, quote, judgement, results, held, surveys
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Facts hold no cycles, so they go when they are let go. Looking through them for garbage every few hosts would
    cost a third of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _assess(
    snapshots: Iterable[Snapshot],
    targets: Sequence[Target],
    now: float,
    inventory_path: str,
    known_names: Callable[[str], Mapping[str, str]],
    rules: Sequence[Rule],
    quote: Quote | None,
    judgement: Policy,
    results: Results,
    held: int,
    surveys: SurveyStore | None,
) -> Assessment:
    asked = Rules((*rules, *own_rules(judgement)))
    shared = Interner()
    if surveys is None:
        known, clients, facts = _survey(snapshots, known_names, judgement, results, shared, held)
    else:
        kept = surveys_of(surveys, known_names, judgement, shared)
        known, clients, facts = (*_compared(kept, results), None)
    estate = EstateIndex(known, tuple(targets), now)
    judge = _Judge(estate, clients, asked, judgement, quote, results)
    planner = EstatePlanner(shared, judgement.priorities)
    judge.ask_about_estate()
    for number, host in enumerate(facts if facts is not None else _again(snapshots, known, results)):
        judged = judge.host(number, host)
        planner.add(host, judged, dependencies_of(estate, host))
        results.add(judged)
    return results.assessment(
        EstateResult(
            made=now,
            inventory=inventory_path,
            targets=estate.targets,
            port_claims=estate.port_claim_ids,
            undetermined=tuple(judge.undetermined),
            plan=planner.plan(estate.targets),
            notices=unused_waivers(judge.waivers_used, judgement),
        )
    )


def _survey(
    snapshots: Iterable[Snapshot],
    known_names: Callable[[str], Mapping[str, str]],
    judgement: Policy,
    results: Results,
    shared: Interner,
    held: int,
) -> tuple[tuple[IndexedHost, ...], Clients, list[HostFacts] | None]:
    """What is known of each host to the others, who connects where, and the facts of all hosts if these are few."""
    facts: list[HostFacts] = []
    number = 0

    def made() -> Iterator[HostSurvey]:
        nonlocal number
        for number, snapshot in enumerate(snapshots, 1):
            host = facts_of(snapshot, known_names(snapshot.host), judgement)
            if number <= held:
                facts.append(host)
            else:
                facts.clear()
            yield survey_of(host, shared)

    known, clients = _compared(made(), results)
    return known, clients, facts if number <= held else None


def _compared(surveys: Iterable[HostSurvey], results: Results) -> tuple[tuple[IndexedHost, ...], Clients]:
    """What is known of each host to the others, and who connects where."""
    known: list[IndexedHost] = []
    contacts: list[tuple[Contact, ...]] = []
    for survey in surveys:
        known.append(survey.known)
        contacts.append(survey.contacts)
        results.add_look(survey.look)
    estate = EstateIndex(tuple(known), (), 0.0)
    return estate.hosts, clients_of_ports(estate, contacts)


def _again(snapshots: Iterable[Snapshot], known: Iterable[IndexedHost], results: Results) -> Iterator[HostFacts]:
    for number, (snapshot, host) in enumerate(zip(snapshots, known, strict=True)):
        look = results.look(number)
        yield HostFacts(snapshot, look.workloads, CachedHost(look.facts, host))


class _Judge:
    """Judges the hosts of an estate of which all is known that others must know."""

    def __init__(
        self,
        estate: EstateIndex,
        clients: Clients,
        rules: Rules,
        judgement: Policy,
        quote: Quote | None,
        results: Results,
    ) -> None:
        self._estate = estate
        self._clients = clients
        self._rules = rules
        self._judgement = judgement
        self._quote = quote
        self._results = results
        self.undetermined: list[Undetermined] = []
        self.waivers_used: set[Waiver] = set()

    def ask_about_estate(self) -> None:
        """Ask the rules about the estate; their findings wait for their hosts."""
        numbers = {host.name: number for number, host in enumerate(self._estate.hosts)}
        for said in ask_about_estate(self._estate, self._rules):
            if isinstance(said, Undetermined):
                self.undetermined.append(said)
            else:
                (finding,) = self._waived([said])
                self._results.add_of_estate(numbers.get(finding.host), finding)

    def host(self, number: int, host: HostFacts) -> JudgedHost:
        """All about one host. ``number`` counts the hosts of the estate from 0."""
        outcome = ask_about_host(self._estate, host, self._rules)
        own = self._quoted(self._waived(outcome.findings))
        of_estate = self._quoted(self._results.of_estate(number))
        self._results.replace_of_estate(number, of_estate)
        said: dict[str | None, list[Finding]] = {}
        for finding in (*own, *of_estate):
            said.setdefault(finding.workload, []).append(finding)
        undetermined: dict[str | None, list[Undetermined]] = {}
        for each in outcome.undetermined:
            undetermined.setdefault(each.workload, []).append(each)
        of_host = tuple(said.get(None, ()))
        family = family_of(host.snapshot)
        workloads = tuple(
            assess_workload(
                workload,
                self._estate.targets,
                Judged(
                    findings=tuple(said.get(workload.id, ())),
                    host_findings=of_host,
                    undetermined=tuple(undetermined.get(workload.id, ())),
                    asked=outcome.asked.get(workload.id, 0),
                    settings=container_settings(host, workload, said.get(workload.id, ()))
                    if workload.kind == "service"
                    else (),
                    cap=family.cap,
                ),
                self._judgement.priorities,
            )
            for workload in host.workloads
        )
        assessed = HostAssessment(
            snapshot=host.snapshot,
            unseen=_unseen(host.snapshot),
            gaps=_gaps(host.snapshot),
            findings=of_host,
            undetermined=tuple(undetermined.get(None, ())),
            # Who uses a host by an address or a name that is given to none is not known.
            unused=() if attributed_to_none(self._estate, host) else unused_services(host, self._clients),
        )
        return JudgedHost(assessed, workloads, port_uses(self._estate, host, self._clients), tuple(own))

    def _waived(self, findings: Sequence[Finding]) -> list[Finding]:
        self.waivers_used |= waivers_about(findings, self._judgement)
        return waived(findings, self._judgement, self._estate.now)

    def _quoted(self, findings: Sequence[Finding]) -> list[Finding]:
        """The findings with the lines that they rest on."""
        quote = self._quote
        return list(findings) if quote is None else [_with_lines(each, quote) for each in findings]


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
    return Finding(
        finding.rule,
        finding.name,
        finding.severity,
        host,
        finding.workload,
        finding.target,
        finding.message,
        evidence,
        finding.remedy,
        finding.waived,
        finding.about,
        finding.settings,
        finding.affects,
    )
