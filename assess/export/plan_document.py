"""The plan of the estate in the export."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from assess.export.json_schema import Amount, Count
from assess.planning.model import (
    Application,
    Dependency,
    DependencyKind,
    Effort,
    EstatePlan,
    Move,
    PlannedPort,
    Wave,
)
from assess.planning.placement.placement_problem import PortMethod
from inventory.described import doc


class EffortPart(msgspec.Struct, frozen=True):
    """A part of the effort."""

    what: Annotated[str, doc("The work.")]
    hours: Annotated[Amount, doc("Hours.")]


class EffortRow(msgspec.Struct, frozen=True):
    """The effort of moving an application."""

    low_hours: Annotated[Amount, doc("Hours of work at least.")]
    high_hours: Annotated[Amount, doc("Hours of work at most.")]
    parts: Annotated[list[EffortPart], doc("The parts of the work.")]

    @classmethod
    def of(cls, effort: Effort) -> EffortRow:
        """The row of an effort."""
        return cls(effort.low, effort.high, [EffortPart(what, hours) for what, hours in effort.parts])


class ValueRow(msgspec.Struct, frozen=True):
    """A value that some members have."""

    value: Annotated[str, doc("The value in words.")]
    workloads: Annotated[tuple[str, ...], doc("Ids of workloads.")]


class DifferenceRow(msgspec.Struct, frozen=True):
    """A difference between members."""

    what: Annotated[str, doc("What differs.")]
    values: Annotated[list[ValueRow], doc("Each value with its workloads, the commonest first.")]


class ApplicationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An application."""

    name: Annotated[str, doc("Name, unique in the estate.")]
    members: Annotated[tuple[str, ...], doc("Ids of the workloads that are instances of it.")]
    model: Annotated[str, doc("The workload that its image is built from.")]
    effort: Annotated[EffortRow, doc("The effort of moving it.")]
    differences: Annotated[list[DifferenceRow], doc("Differences between its members.")]

    @classmethod
    def of(cls, each: Application, effort: Effort) -> ApplicationRow:
        """The row of an application."""
        return cls(
            name=each.name,
            members=each.members,
            model=each.model,
            effort=EffortRow.of(effort),
            differences=[
                DifferenceRow(difference.what, [ValueRow(value, ids) for value, ids in difference.values])
                for difference in each.differences
            ],
        )


class DependencyRow(msgspec.Struct, frozen=True):
    """A dependency of one service on another."""

    client: Annotated[str, doc("Id of the workload that connects.")]
    server: Annotated[
        str,
        doc(
            "Id of the workload that answers, or `unidentified listener tcp/PORT on HOST` where its owner is "
            "not known. HOST is an address where several hosts report it."
        ),
    ]
    tie: Annotated[DependencyKind, doc("Kind of evidence.")]
    port: Annotated[int | None, doc("The server's port; null where none was observed.")]
    fact: Annotated[str, doc("The evidence in words.")]
    likely: Annotated[bool, doc("Whether only its configuration shows that the port is the server's.")]

    @classmethod
    def of(cls, each: Dependency) -> DependencyRow:
        """The row of a dependency."""
        return cls(each.client, each.server, each.tie, each.port, each.evidence.fact, each.likely)


class ExportedWave(msgspec.Struct, frozen=True):
    """A wave of the migration."""

    wave: Annotated[Count, doc("Number, from 1.")]
    moves: Annotated[tuple[Move, ...], doc("Applications that move in it.")]

    @classmethod
    def of(cls, each: Wave) -> ExportedWave:
        """The row of a wave."""
        return cls(each.number, each.moves)


class PlannedPortRow(msgspec.Struct, frozen=True):
    """A port after the move."""

    number: Annotated[Count, doc("The port that clients use after the move.")]
    way: Annotated[PortMethod, doc("How clients reach it.")]
    target: Annotated[str, doc("Name of the target.")]
    server: Annotated[Count, doc("Number of the host within the target.")]

    @classmethod
    def of(cls, planned: PlannedPort | None) -> PlannedPortRow | None:
        """The row of a planned port."""
        return cls(planned.number, PortMethod(planned.way), planned.target, planned.server) if planned else None


class AdviceRow(msgspec.Struct, frozen=True):
    """Advice on a workload."""

    workload: Annotated[str, doc("Id of the workload.")]
    topic: Annotated[str, doc("isolation, resources, network, replicas or base image.")]
    text: Annotated[str, doc("The advice.")]
    because: Annotated[str, doc("The priority that it serves.")]


class UnplacedRow(msgspec.Struct, frozen=True):
    """A service without a container host."""

    workload: Annotated[str, doc("Id of the workload.")]
    reason: Annotated[str, doc("The reason.")]


class StayingRow(msgspec.Struct, frozen=True):
    """An application in no wave."""

    application: Annotated[str, doc("Name of the application.")]
    reason: Annotated[str, doc("The reason.")]


class PlanRow(msgspec.Struct, frozen=True, kw_only=True):
    """Totals of the plan, and services that are not part of it."""

    hosts_before: Annotated[Count, doc("Legacy hosts that have a service which was placed.")]
    servers_after: Annotated[Count, doc("Container hosts that the plan uses.")]
    optimal: Annotated[bool, doc("Whether it is proved that no plan is cheaper.")]
    rests_on: Annotated[tuple[str, ...], doc("Basis of the numbers.")]
    priorities: Annotated[tuple[str, ...], doc("Priorities, the first one first.")]
    advice: Annotated[list[AdviceRow], doc("Advice for workloads that follows from the priorities.")]
    unplaced: Annotated[list[UnplacedRow], doc("Services without a container host.")]
    staying: Annotated[list[StayingRow], doc("Applications in no wave.")]

    @classmethod
    def of(cls, plan: EstatePlan) -> PlanRow:
        """The totals of a plan."""
        return cls(
            hosts_before=len({name.partition("/")[0] for each in plan.placements for name in each.workloads}),
            servers_after=plan.servers,
            optimal=plan.optimal,
            rests_on=plan.rests_on,
            priorities=plan.priorities.order,
            advice=[
                AdviceRow(name, each.topic, each.text, each.because)
                for name, advice in plan.advice.items()
                for each in advice
            ],
            unplaced=[UnplacedRow(name, reason) for name, reason in plan.unplaced],
            staying=[StayingRow(name, reason) for name, reason in plan.staying],
        )


def application_rows(plan: EstatePlan) -> Iterable[ApplicationRow]:
    """The applications with their efforts."""
    return (ApplicationRow.of(each, plan.efforts[each.name]) for each in plan.applications)
