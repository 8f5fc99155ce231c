"""Plan the whole estate: applications, dependencies, placement, ports and waves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from assess.model import JudgedHost, PortUse, Target, Verdict, WorkloadAssessment
from assess.planning.applications import ApplicationFinder
from assess.planning.dependencies import in_order
from assess.planning.effort import NO_EFFORT, Work, effort, work_of
from assess.planning.model import Application, Dependency, Effort, EstatePlan, Placement, PlannedPort
from assess.planning.placement.demands import demands_of, problem_of
from assess.planning.placement.placement_prices import placement_table
from assess.planning.placement.placement_problem import Demand, PlacementPlan, PortAssignment
from assess.planning.placement.placement_search import fullest, solve
from assess.planning.placement.workload_sizing import AVERAGE, RESIDENT
from assess.planning.waves import plan_waves
from assess.policy.priorities import NOTHING_FIRST, Advice, Priorities
from assess.subjects.estate_index import Interner
from assess.subjects.host_facts import HostFacts


@dataclass(frozen=True, slots=True)
class _Service:
    """The facts of a service that the plan needs. ``reason`` says why it stays; ``ports`` are (protocol, port) that it
    listens on.
    """

    stays: bool
    reason: str
    data: bool
    critical: bool
    work: Work
    ports: tuple[tuple[str, int], ...]


class EstatePlanner:
    """Takes the judged hosts one by one, in the order of the inventory, and then plans for all of them.

    Linear in the size of the estate, but for small ones, whose placement is searched whole. Of a host it keeps some
    kilobytes, of which alike hosts share most.
    """

    def __init__(self, shared: Interner, priorities: Priorities = NOTHING_FIRST) -> None:
        self._one = shared.one
        self._priorities = priorities
        self._applications = ApplicationFinder(shared)
        self._services: dict[str, _Service] = {}
        self._demands: list[Demand] = []
        self._edges: list[Dependency] = []
        self._advice: dict[str, tuple[Advice, ...]] = {}
        self._data_programs = placement_table().data_programs

    def add(self, host: HostFacts, judged: JudgedHost, edges: Iterable[Dependency]) -> None:
        """Take a host, with the edges from its services."""
        one = self._one
        for each in judged.workloads:
            workload = each.workload
            if workload.kind != "service":
                continue
            self._applications.add(host, workload)
            self._services[workload.id] = one(self._service(each, judged.ports))
            if self._priorities.order and each.verdict is not Verdict.STAY:
                findings = (*each.findings, *judged.host.findings)
                said = self._priorities.advice(workload, host.snapshot.platform, findings)
                self._advice[workload.id] = one(said)
        self._demands += (
            self._shared(each) for each in demands_of(host, judged.workloads, judged.ports, self._priorities)
        )
        self._edges += edges

    def _service(self, each: WorkloadAssessment, uses: Iterable[PortUse]) -> _Service:
        workload = each.workload
        stays = each.verdict is Verdict.STAY
        ports = dict.fromkeys((owned.listener.protocol, owned.listener.port) for owned in workload.listeners)
        ports.update(dict.fromkeys((use.protocol, use.port) for use in uses if use.likely_owner == workload.id))
        return _Service(
            stays=stays,
            reason=(each.reasons[0] if each.reasons else "it cannot run on any target") if stays else "",
            data=any(path.rpartition("/")[2] in self._data_programs for path in workload.executables),
            critical=workload.criticality == "high",
            work=self._one(work_of(each)),
            ports=self._one(tuple(self._one(port) for port in ports)),
        )

    def _shared(self, demand: Demand) -> Demand:
        one = self._one
        ports = one(tuple(one(wish) for wish in demand.ports))
        sized = one(demand.sized_by)
        return replace(demand, ports=ports, pools=one(demand.pools), kernel=one(demand.kernel), sized_by=sized)

    def plan(self, targets: Sequence[Target]) -> EstatePlan:
        """The plan for all that was added."""
        services = self._services
        applications = self._applications.applications()
        edges = in_order(self._edges)
        data = frozenset(each.name for each in applications if services[each.model].data)
        critical = frozenset(
            each.name for each in applications if any(services[member].critical for member in each.members)
        )
        problem = problem_of(self._demands, targets, self._priorities)
        plan = solve(problem)
        members = {demand.id: demand.workloads for demand in problem.demands}
        ports = tuple(_ports(plan, services, members))
        moved = Counter(port.workload for port in ports if port.changes_clients)
        unplaced = {name: reason for demand, reason in plan.unplaced.items() for name in members[demand]}
        staying = {
            each.name: services[each.model].reason or unplaced[each.model]
            for each in applications
            if all(services[member].stays or member in unplaced for member in each.members)
        }
        return EstatePlan(
            applications=applications,
            dependencies=edges,
            waves=plan_waves(applications, edges, staying, data, critical),
            placements=tuple(
                Placement(
                    server.pool,
                    server.number,
                    tuple(name for demand in server.demands for name in members[demand]),
                    dict(server.fill),
                    fullest(server.fill)[0] or None,
                )
                for server in plan.servers
            ),
            ports=ports,
            unplaced=tuple(unplaced.items()),
            staying=tuple(staying.items()),
            optimal=plan.optimal,
            rests_on=_rests_on(targets, self._priorities, self._demands),
            efforts={each.name: self._effort(each, moved, unplaced) for each in applications},
            advice={name: said for name, said in self._advice.items() if name not in unplaced},
            priorities=self._priorities,
        )

    def _effort(self, application: Application, moved: Mapping[str, int], unplaced: Container[str]) -> Effort:
        """The work for those instances that move, of which the first stands for all where the model stays."""
        services = self._services
        moving = [each for each in application.members if not services[each].stays and each not in unplaced]
        if not moving:
            return NO_EFFORT
        model = application.model if application.model in moving else moving[0]
        return effort(services[model].work, len(moving), moved[model])


def _ports(
    plan: PlacementPlan, services: Mapping[str, _Service], members: Mapping[str, tuple[str, ...]]
) -> Iterable[PlannedPort]:
    for server in plan.servers:
        for answer in server.ports.answers:
            owner = _owner(answer, services, members[answer.demand])
            yield PlannedPort(
                owner, answer.transport, answer.wished, answer.number, str(answer.way), server.pool, server.number
            )


def _owner(answer: PortAssignment, services: Mapping[str, _Service], members: Sequence[str]) -> str:
    """Return the workload that listens on the port, of those that are placed as one."""
    for name in members:
        if any(
            port == answer.wished and protocol.startswith(answer.transport) for protocol, port in services[name].ports
        ):
            return name
    return members[0]


def _rests_on(targets: Sequence[Target], priorities: Priorities, demands: Sequence[Demand]) -> tuple[str, ...]:
    table = placement_table()
    said = [
        *priorities.sentences(),
        *_sized(demands, priorities),
        f"{priorities.share(table.share):.0%} of a container host may be used.",
    ]
    assumed = [target.name for target in targets if not target.cpus or not target.memory_bytes]
    if assumed:
        size = table.assumed
        said.append(
            f"The size of {', '.join(assumed)} is not known; "
            f"{size['cpus']:g} processors and {size['memory'] / 2**30:g} GiB are assumed."
        )
    many = [target.name for target in targets if target.servers is None]
    if many:
        said.append(f"As many hosts like {', '.join(many)} as are needed are assumed to be available.")
    return tuple(said)


def _sized(demands: Sequence[Demand], priorities: Priorities) -> Iterable[str]:
    """Say what processors and memory were measured by, and for how many services each where they differ."""
    table = placement_table()
    factor = priorities.factor("headroom")
    for at, what in enumerate(("Processor time", "Memory")):
        sources = Counter(pair[at] for demand in demands for pair in demand.sized_by)
        for source, services in sorted(sources.items() or [((AVERAGE, RESIDENT)[at], 0)]):
            times = table.memory_headroom
            if what == "Processor time":
                times = (table.cpu_headroom_measured if "sysstat" in source else table.cpu_headroom) * factor
            of = f" of {services} service{'s' * (services != 1)}" if len(sources) > 1 else ""
            yield f"{what}{of} is {source}, times {times:g}."
