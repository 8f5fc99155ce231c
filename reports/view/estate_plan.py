"""The estate plan: container hosts, their workloads and ports, and the order of moves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from assess.planning.model import Effort, EstatePlan
from assess.planning.placement.placement_problem import PortMethod
from reports.view.blocks import CellListing
from reports.view.labels import listed

_NAMED = 8

_Names = Mapping[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class WaveRow:
    """An application in its wave. ``first`` says that it begins the wave; ``with_`` what must move with it; ``hours``
    the range of its effort.
    """

    wave: int
    first: bool
    application: str
    instances: int
    reason: str
    with_: str
    hours: str


@dataclass(frozen=True, slots=True)
class PlacementRow:
    """A container host: how full it is (``cpus 31 %, memory 12 %``) and what is on it."""

    server: str
    fill: str
    bounded_by: str
    services: int
    workloads: str


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A port that is not simply published as it is: what is done about it."""

    workload: str
    port: int
    transport: str
    way: str
    server: str


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """An application with several instances, and what differs between them."""

    application: str
    instances: int
    model: str
    members: str
    differences: str


@dataclass(frozen=True, slots=True)
class LeftRow:
    """A workload without a place or a wave, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class PlanPage:
    """All tables of the estate plan."""

    sentence: str
    rests_on: tuple[str, ...]
    waves: CellListing[WaveRow]
    placements: CellListing[PlacementRow]
    changes: CellListing[ChangeRow]
    alike: CellListing[AlikeRow]
    left: CellListing[LeftRow]


def plan_page(plan: EstatePlan, sentence: str) -> PlanPage:
    """The part of one plan; ``sentence`` says what it places and saves."""
    names = _server_names(plan)
    return PlanPage(
        sentence,
        plan.rests_on,
        CellListing(wave_rows(plan), "move", "the first waves"),
        CellListing(placement_rows(plan, names), "container host", "the fullest", limit=100),
        CellListing(change_rows(plan, names), "port", "the lowest numbers", limit=100),
        CellListing(alike_rows(plan), "application", "those with the most instances", limit=100),
        CellListing(left_rows(plan), "service", limit=100),
    )


def wave_rows(plan: EstatePlan) -> tuple[WaveRow, ...]:
    """In the order in which all moves."""
    instances = {each.name: each.instances for each in plan.applications}
    return tuple(
        WaveRow(
            wave.number,
            place == 0,
            move.application,
            instances.get(move.application, 1),
            move.reason,
            listed(move.together, _NAMED) if move.together else "",
            _hours(plan.efforts.get(move.application)),
        )
        for wave in plan.waves
        for place, move in enumerate(wave.moves)
    )


def _hours(effort: Effort | None) -> str:
    return f"{effort.low:.0f} to {effort.high:.0f}" if effort is not None and effort.high else ""


def placement_rows(plan: EstatePlan, names: _Names) -> tuple[PlacementRow, ...]:
    """The fullest first."""
    rows = (
        (
            max(each.fill.values(), default=0.0),
            PlacementRow(
                names[each.target, each.server],
                ", ".join(f"{name} {share:.0%}" for name, share in each.fill.items()),
                each.bounded_by or "",
                len(each.workloads),
                listed(each.workloads, _NAMED),
            ),
        )
        for each in plan.placements
    )
    return tuple(row for _, row in sorted(rows, key=lambda pair: -pair[0]))


def change_rows(plan: EstatePlan, names: _Names) -> tuple[ChangeRow, ...]:
    """Ports that need something done, by port."""
    rows = (
        ChangeRow(
            each.workload, each.wished, each.transport, _what(each.way, each.number), names[each.target, each.server]
        )
        for each in plan.ports
        if each.way != PortMethod.SAME
    )
    return tuple(sorted(rows, key=lambda row: (row.port, row.transport, row.workload)))


def alike_rows(plan: EstatePlan) -> tuple[AlikeRow, ...]:
    """Those with the most instances first."""
    several = sorted((each for each in plan.applications if each.instances > 1), key=lambda each: -each.instances)
    return tuple(
        AlikeRow(
            each.name,
            each.instances,
            each.model,
            listed(each.members, _NAMED),
            listed(tuple(difference.what for difference in each.differences), _NAMED) or "no differences found",
        )
        for each in several
    )


def left_rows(plan: EstatePlan) -> tuple[LeftRow, ...]:
    """Applications that stay, then services without a place."""
    members = {member for each in plan.applications if each.name in dict(plan.staying) for member in each.members}
    unplaced = (LeftRow(name, reason) for name, reason in plan.unplaced if name not in members)
    return (*(LeftRow(name, reason) for name, reason in plan.staying), *unplaced)


def _what(way: str, number: int) -> str:
    match way:
        case PortMethod.ADDRESS:
            return "keeps its number on a separate address"
        case PortMethod.PROXY:
            return "keeps its number behind a reverse proxy (by host name)"
        case PortMethod.MOVED:
            return f"becomes port {number}; clients must be changed"
        case _:
            return "has no solution on this host"


def _server_names(plan: EstatePlan) -> _Names:
    """A target of which one host is used is called by its name alone."""
    used = Counter(each.target for each in plan.placements)
    return {
        (each.target, each.server): each.target if used[each.target] == 1 else f"{each.target} no. {each.server}"
        for each in plan.placements
    }
