"""The plan of the whole estate: its applications, what depends on what, where all goes, and in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from assess.applications import Application, find_applications
from assess.dependencies import Dependency, dependencies
from assess.effort import Effort, effort_of
from assess.facts import EstateFacts
from assess.model import Finding, PortUse, Verdict, WorkloadAssessment
from assess.placement.demands import problem_of
from assess.placement.problem import Plan, PortAnswer
from assess.placement.solve import fullest, solve
from assess.placement.tables import placement_table
from assess.priorities import NOTHING_FIRST, Advice, Priorities
from assess.waves import Wave, plan_waves


@dataclass(frozen=True, slots=True)
class Placement:
    """Workloads (ids) on one container host. ``server`` counts the hosts of one target from 1.

    ``fill`` is the used share of each resource, ``bounded_by`` the one that will be full first.
    """

    target: str
    server: int
    workloads: tuple[str, ...]
    fill: Mapping[str, float]
    bounded_by: str


@dataclass(frozen=True, slots=True)
class PlannedPort:
    """What becomes of a port that a workload wants. ``number`` is what clients use; ``way`` how they reach it."""

    workload: str
    transport: str
    wished: int
    number: int
    way: str
    target: str
    server: int


@dataclass(frozen=True)
class EstatePlan:
    """``unplaced`` maps ids of workloads to the reason; ``staying`` names of applications that move in no wave.

    ``optimal`` says that no cheaper placement exists; ``rests_on`` are sentences on what the numbers are made of.
    ``efforts`` are by application, ``advice`` by workload, both without entries that say nothing.
    """

    applications: tuple[Application, ...] = ()
    dependencies: tuple[Dependency, ...] = ()
    waves: tuple[Wave, ...] = ()
    placements: tuple[Placement, ...] = ()
    ports: tuple[PlannedPort, ...] = ()
    unplaced: tuple[tuple[str, str], ...] = ()
    staying: tuple[tuple[str, str], ...] = ()
    optimal: bool = False
    rests_on: tuple[str, ...] = ()
    efforts: Mapping[str, Effort] = field(default_factory=dict)
    advice: Mapping[str, tuple[Advice, ...]] = field(default_factory=dict)
    priorities: Priorities = field(default_factory=Priorities)

    @property
    def servers(self) -> int:
        """How many container hosts are used."""
        return len(self.placements)


def plan_estate(
    estate: EstateFacts,
    assessments: Sequence[WorkloadAssessment],
    port_uses: Sequence[PortUse],
    priorities: Priorities = NOTHING_FIRST,
    host_findings: Mapping[str, Sequence[Finding]] = MappingProxyType({}),
) -> EstatePlan:
    """Plan everything. Linear in the size of the estate, but for small ones, which are searched whole."""
    applications = find_applications(estate.hosts)
    edges = dependencies(estate)
    by_id = {each.workload.id: each for each in assessments}
    staying = _staying(applications, by_id)
    programs = placement_table().data_programs
    data = frozenset(each.name for each in applications if _holds_data(by_id[each.model], programs))
    critical = frozenset(
        each.name
        for each in applications
        if any(by_id[member].workload.criticality == "high" for member in each.members)
    )
    problem = problem_of(estate, assessments, port_uses, priorities)
    plan = solve(problem)
    members = {demand.id: demand.workloads for demand in problem.demands}
    return EstatePlan(
        applications=applications,
        dependencies=edges,
        waves=plan_waves(applications, edges, staying, data, critical),
        placements=tuple(
            Placement(
                server.pool,
                server.number,
                tuple(name for demand in server.demands for name in members[demand]),
                server.fill,
                fullest(server.fill)[0],
            )
            for server in plan.servers
        ),
        ports=tuple(_ports(plan, by_id, members)),
        unplaced=tuple((name, reason) for demand, reason in plan.unplaced.items() for name in members[demand]),
        staying=tuple(staying.items()),
        optimal=plan.optimal,
        rests_on=_rests_on(estate, priorities),
        efforts={each.name: effort_of(by_id[each.model], each.instances) for each in applications},
        advice=dict(_advice(estate, by_id, priorities, host_findings)),
        priorities=priorities,
    )


def _staying(applications: Iterable[Application], by_id: Mapping[str, WorkloadAssessment]) -> dict[str, str]:
    """Applications of which no member can move, with the first reason of the model."""
    staying: dict[str, str] = {}
    for each in applications:
        if all(by_id[member].verdict is Verdict.STAY for member in each.members):
            reasons = by_id[each.model].reasons
            staying[each.name] = reasons[0] if reasons else "it cannot run on any target"
    return staying


def _holds_data(each: WorkloadAssessment, programs: frozenset[str]) -> bool:
    return any(executable.rpartition("/")[2] in programs for executable in each.workload.executables)


def _ports(
    plan: Plan, by_id: Mapping[str, WorkloadAssessment], members: Mapping[str, tuple[str, ...]]
) -> Iterable[PlannedPort]:
    for server in plan.servers:
        for answer in server.ports.answers:
            owner = _owner(answer, by_id, members[answer.demand])
            yield PlannedPort(
                owner, answer.transport, answer.wished, answer.number, str(answer.way), server.pool, server.number
            )


def _owner(answer: PortAnswer, by_id: Mapping[str, WorkloadAssessment], members: Sequence[str]) -> str:
    """Which workload of those that are placed as one listens on the port."""
    for name in members:
        if any(
            owned.listener.port == answer.wished and owned.listener.protocol.startswith(answer.transport)
            for owned in by_id[name].workload.listeners
        ):
            return name
    return members[0]


def _advice(
    estate: EstateFacts,
    by_id: Mapping[str, WorkloadAssessment],
    priorities: Priorities,
    host_findings: Mapping[str, Sequence[Finding]],
) -> Iterable[tuple[str, tuple[Advice, ...]]]:
    if not priorities.order:
        return
    platforms = {host.name: host.snapshot.platform for host in estate.hosts}
    for name, each in by_id.items():
        if each.workload.kind == "service" and each.verdict is not Verdict.STAY:
            host = each.workload.host
            findings = (*each.findings, *host_findings.get(host, ()))
            yield name, priorities.advice(each.workload, platforms[host], findings)


def _rests_on(estate: EstateFacts, priorities: Priorities) -> tuple[str, ...]:
    table = placement_table()
    said = [
        *priorities.sentences(),
        "Processor time is the average since each service started, "
        f"times {table.cpu_headroom * priorities.factor('headroom'):g}; "
        f"memory is what was resident during the scan, times {table.memory_headroom:g}; "
        f"{priorities.share(table.share):.0%} of a container host may be used.",
    ]
    assumed = [target.name for target in estate.targets if not target.cpus or not target.memory_bytes]
    if assumed:
        size = table.assumed
        said.append(
            f"The size of {', '.join(assumed)} is not known; "
            f"{size['cpus']:g} processors and {size['memory'] / 2**30:g} GiB are assumed."
        )
    many = [target.name for target in estate.targets if target.servers is None]
    if many:
        said.append(f"As many hosts like {', '.join(many)} as are needed are assumed to be available.")
    return tuple(said)
