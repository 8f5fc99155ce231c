"""The totals of an assessment: services that can move, savings, and what was not counted.

Terminal, page and export use the same totals. Only judged services count as able to move or as saved. Services that the
plan places without a judgement are counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from assess.assessment import Assessment
from assess.model import HostAssessment, Verdict, WorkloadAssessment
from assess.planning.model import DependencyKind, EstatePlan
from assess.targets.container_hosts import GROUP
from inventory.observation import Found
from inventory.platforms import Platform


class Outlook(StrEnum):
    """The outcome for a service by verdict and plan together."""

    NOW = "now"
    """Ready, and nothing that the plan moves before it or with it needs work or could not be judged."""

    AFTER_OTHERS = "after others"
    """Ready, but the plan moves it after or with services that need work or could not be judged."""

    AFTER_WORK = "after work"
    """It has a place, and needs work first."""

    BY_ASSUMPTION = "by assumption"
    """It could not be judged; it has a place in case that it fits."""

    NO_PLACE = "no place"
    """No container host takes it, or something that it cannot be parted from stays."""

    STAYS = "stays"
    """It stays where it is."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of services, and names of hosts in the order of the inventory.

    ``verdicts`` are on the best target, ``outlooks`` on the target that the plan chose; ``of`` is the outlook of each
    service by the id of its workload. ``functions`` are the host
    functions, which neither counts. ``not_reached`` are hosts that did not answer, ``unread`` other hosts whose
    processes could not be read: how many services either has is unknown. ``freed`` are the hosts that the plan empties,
    all of whose services were judged and whose listeners all have a known owner. ``servers`` are the container hosts
    that the plan uses, with the room for what is placed by assumption. ``hours`` is the range of the work for
    applications that were judged.
    """

    verdicts: Mapping[Verdict, int]
    outlooks: Mapping[Outlook, int]
    of: Mapping[str, Outlook]
    functions: int
    hosts: int
    fully_read: tuple[str, ...]
    partly_read: tuple[str, ...]
    not_reached: tuple[str, ...]
    unread: tuple[str, ...]
    freed: tuple[str, ...]
    servers: int
    hours: tuple[float, float]

    @property
    def services(self) -> int:
        """All services that were found."""
        return sum(self.verdicts.values())

    @property
    def after_work(self) -> int:
        """Services that move when work on them, or on what the plan moves before or with them, is done."""
        return self.outlooks[Outlook.AFTER_WORK] + self.outlooks[Outlook.AFTER_OTHERS]

    @property
    def placed(self) -> int:
        """Services that the plan places."""
        return self.outlooks[Outlook.NOW] + self.after_work + self.outlooks[Outlook.BY_ASSUMPTION]

    @property
    def servers_saved(self) -> int:
        """Freed hosts less the container hosts in their place; 0 when there are not more of them."""
        return max(0, len(self.freed) - self.servers)


def services_known(host: HostAssessment) -> bool:
    """Whether it is known how many services a host has: it was reached, and its processes could be read."""
    snapshot = host.snapshot
    if snapshot.status == "unreachable" or snapshot.platform == Platform.OTHER:
        return False
    processes = snapshot.observations.get("processes")
    return processes is None or isinstance(processes, Found)


def totals_of(assessment: Assessment) -> Totals:
    """Count an assessment. Linear in services, ports and dependencies; walks once through each."""
    outlooks, verdicts, functions = _outlooks(assessment)
    numbers = Counter(outlooks.values())
    plan = assessment.plan or EstatePlan()
    status: dict[str, list[str]] = {"complete": [], "partial": [], "unreachable": []}
    unread: list[str] = []
    candidates: dict[str, None] = {}
    for each in assessment.hosts:
        snapshot = each.snapshot
        status[snapshot.status].append(snapshot.host)
        if services_known(each):
            if GROUP not in snapshot.groups:
                candidates[snapshot.host] = None
        elif snapshot.status != "unreachable":
            unread.append(snapshot.host)
    return Totals(
        verdicts={verdict: verdicts[verdict] for verdict in Verdict},
        outlooks={outlook: numbers[outlook] for outlook in Outlook},
        of=outlooks,
        functions=functions,
        hosts=sum(map(len, status.values())),
        fully_read=tuple(status["complete"]),
        partly_read=tuple(status["partial"]),
        not_reached=tuple(status["unreachable"]),
        unread=tuple(unread),
        freed=_freed(assessment, plan, candidates, outlooks),
        servers=plan.servers,
        hours=_hours(plan, outlooks),
    )


_JUDGED = (Outlook.NOW, Outlook.AFTER_OTHERS, Outlook.AFTER_WORK)
_OF_VERDICT = {
    Verdict.READY: Outlook.NOW,
    Verdict.NEEDS_WORK: Outlook.AFTER_WORK,
    Verdict.UNKNOWN: Outlook.BY_ASSUMPTION,
    Verdict.STAY: Outlook.STAYS,
}


def _outlooks(assessment: Assessment) -> tuple[dict[str, Outlook], Counter[Verdict], int]:
    plan = assessment.plan
    placed = {name: each.target for each in plan.placements for name in each.workloads} if plan else {}
    outlooks: dict[str, Outlook] = {}
    verdicts: Counter[Verdict] = Counter()
    functions = 0
    for each in assessment.workloads:
        if each.workload.kind != "service":
            functions += 1
            continue
        verdicts[each.verdict] += 1
        outlooks[each.workload.id] = _own(each, placed, planned=plan is not None)
    if plan is not None:
        waiting = _waiting(plan, outlooks)
        for name in waiting:
            if outlooks[name] is Outlook.NOW:
                outlooks[name] = Outlook.AFTER_OTHERS
    return outlooks, verdicts, functions


def _own(each: WorkloadAssessment, placed: Mapping[str, str], *, planned: bool) -> Outlook:
    """The outlook of a service by itself: the verdict on the target that it is placed on."""
    if not planned or each.verdict is Verdict.STAY:
        return _OF_VERDICT[each.verdict]
    target = placed.get(each.workload.id)
    if target is None:
        return Outlook.NO_PLACE
    verdict = next((fit.verdict for fit in each.fits if fit.target == target), each.verdict)
    return _OF_VERDICT[verdict]


def _waiting(plan: EstatePlan, outlooks: Mapping[str, Outlook]) -> Iterable[str]:
    """The services that the plan moves after or with those that are not ready: whole applications, as waves do."""
    moving = {move.application for wave in plan.waves for move in wave.moves}
    of = {member: each.name for each in plan.applications if each.name in moving for member in each.members}
    members = {each.name: each.members for each in plan.applications}
    behind: dict[str, set[str]] = {}
    for edge in plan.dependencies:
        client, server = of.get(edge.client), of.get(edge.server)
        if client is None or server is None or client == server:
            continue
        behind.setdefault(client, set()).add(server)
        if edge.tie is DependencyKind.COUPLED:
            behind.setdefault(server, set()).add(client)
    unready = (Outlook.AFTER_WORK, Outlook.BY_ASSUMPTION)
    reached = {of[name] for name, outlook in outlooks.items() if outlook in unready and name in of}
    waiting: set[str] = set()
    left = list(reached)
    while left:
        for server in behind.get(left.pop(), ()):
            waiting.add(server)
            if server not in reached:
                reached.add(server)
                left.append(server)
    return (member for name in waiting for member in members[name])


def _freed(
    assessment: Assessment, plan: EstatePlan, candidates: Mapping[str, None], outlooks: Mapping[str, Outlook]
) -> tuple[str, ...]:
    if assessment.plan is None:
        return ()
    kept = {name.partition("/")[0] for name, outlook in outlooks.items() if outlook not in _JUDGED}
    # Behind a listener without a known owner is a service that was not judged.
    kept |= {use.host for use in assessment.port_plan if not use.workload}
    emptied = {name.partition("/")[0] for each in plan.placements for name in each.workloads}
    return tuple(host for host in candidates if host in emptied and host not in kept)


def _hours(plan: EstatePlan, outlooks: Mapping[str, Outlook]) -> tuple[float, float]:
    low = high = 0.0
    for each in plan.applications:
        if any(outlooks.get(member) in _JUDGED for member in each.members):
            effort = plan.efforts[each.name]
            low, high = low + effort.low, high + effort.high
    return round(low, 1), round(high, 1)
