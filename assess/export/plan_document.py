"""The plan of the estate as plain JSON types; its form is described beside each part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from assess.export.json_schema import flag, integer, listing, maybe, number, record, text, texts, word
from assess.planning.model import Application, Dependency, Effort, EstatePlan, Move, Placement, PlannedPort, Wave
from assess.planning.placement.placement_problem import PortMethod

APPLICATION = record(
    name=text("Name, unique in the estate."),
    members=texts("Ids of the workloads that are instances of it."),
    effort=record(
        low_hours=number("Hours of work at least."),
        high_hours=number("Hours of work at most."),
        parts=listing("What they are made of.", record(what=text("What."), hours=number("Hours."))),
    ),
    model=text("The workload that its image is built from."),
    differences=listing(
        "What differs between its members.",
        record(
            what=text("What differs."),
            values=listing(
                "Each value and who has it, the commonest first.",
                record(value=text("The value in words."), workloads=texts("Ids of workloads.")),
            ),
        ),
    ),
)

DEPENDENCY = record(
    client=text("Id of the workload that asks."),
    server=text(
        "Id of the workload that answers, or `unidentified listener tcp/PORT on HOST` where its owner is not known."
        " HOST is an address where several hosts report it."
    ),
    tie=word("What it rests on.", "coupled", "connection", "configuration"),
    port={"type": ["integer", "null"], "description": "The server's port; null where none was seen."},
    fact=text("The evidence in words."),
    likely=flag("Whether only its configuration says that the port is the server's."),
)

WAVE = record(
    wave=integer("Number, from 1."),
    moves=listing(
        "What moves in it.",
        record(
            application=text("Name of the application."),
            reason=text("Why it moves then."),
            together=texts("Applications that must move with it, at most 50 of them."),
        ),
    ),
)

PLACEMENT = record(
    target=text("Name of the target."),
    server=integer("Which of the hosts of that target, from 1."),
    workloads=texts("Ids of workloads."),
    fill={
        "type": "object",
        "additionalProperties": {"type": "number"},
        "description": "Used share of what containers may have of each resource (cpus, memory, pids).",
    },
    bounded_by=maybe("The resource that will be full first."),
)

PLANNED_PORT = {
    "oneOf": [
        {"type": "null"},
        record(
            number=integer("The port that clients use after the move."),
            way=word("How it is reached.", *(str(way) for way in PortMethod)),
            target=text("Name of the target."),
            server=integer("Which of its hosts."),
        ),
    ],
    "description": "What becomes of the port; null for what does not move.",
}

PLAN = record(
    hosts_before=integer("Legacy hosts that have a service which was placed."),
    servers_after=integer("Container hosts that the plan uses."),
    optimal=flag("Whether it is proved that no plan is cheaper."),
    rests_on=texts("What the numbers are made of."),
    priorities=texts("What comes first, second …"),
    advice=listing(
        "What is advised for workloads because of what comes first.",
        record(
            workload=text("Id of the workload."),
            topic=text("isolation, resources, network, replicas or base image."),
            text=text("The advice."),
            because=text("The priority that it serves."),
        ),
    ),
    unplaced=listing("Services that go nowhere.", record(workload=text("Id of the workload."), reason=text("Why."))),
    staying=listing(
        "Applications in no wave.", record(application=text("Name of the application."), reason=text("Why."))
    ),
)


def plan_fields(plan: EstatePlan) -> Iterator[tuple[str, Any]]:
    """The fields of the document that the plan fills, in their order; long lists are iterators."""
    placed = {name.partition("/")[0] for placement in plan.placements for name in placement.workloads}
    yield "applications", (_application(each, plan.efforts[each.name]) for each in plan.applications)
    yield "dependencies", (_dependency(each) for each in plan.dependencies)
    yield "placements", (_placement(each) for each in plan.placements)
    yield "waves", (_wave(each) for each in plan.waves)
    yield (
        "plan",
        {
            "hosts_before": len(placed),
            "servers_after": plan.servers,
            "optimal": plan.optimal,
            "rests_on": list(plan.rests_on),
            "priorities": list(plan.priorities.order),
            "advice": [
                {"workload": name, "topic": each.topic, "text": each.text, "because": each.because}
                for name, said in plan.advice.items()
                for each in said
            ],
            "unplaced": [{"workload": name, "reason": reason} for name, reason in plan.unplaced],
            "staying": [{"application": name, "reason": reason} for name, reason in plan.staying],
        },
    )


def planned_port(planned: PlannedPort | None) -> dict[str, Any] | None:
    """The field ``planned`` of a row of the port plan."""
    if planned is None:
        return None
    return {"number": planned.number, "way": planned.way, "target": planned.target, "server": planned.server}


def _application(each: Application, effort: Effort) -> dict[str, Any]:
    return {
        "name": each.name,
        "members": list(each.members),
        "model": each.model,
        "effort": {
            "low_hours": effort.low,
            "high_hours": effort.high,
            "parts": [{"what": what, "hours": hours} for what, hours in effort.parts],
        },
        "differences": [
            {
                "what": difference.what,
                "values": [{"value": value, "workloads": list(ids)} for value, ids in difference.values],
            }
            for difference in each.differences
        ],
    }


def _dependency(each: Dependency) -> dict[str, Any]:
    return {
        "client": each.client,
        "server": each.server,
        "tie": str(each.tie),
        "port": each.port,
        "fact": each.evidence.fact,
        "likely": each.likely,
    }


def _placement(each: Placement) -> dict[str, Any]:
    return {
        "target": each.target,
        "server": each.server,
        "workloads": list(each.workloads),
        "fill": dict(each.fill),
        "bounded_by": each.bounded_by or None,
    }


def _wave(each: Wave) -> dict[str, Any]:
    return {"wave": each.number, "moves": [_move(move) for move in each.moves]}


def _move(move: Move) -> dict[str, Any]:
    return {"application": move.application, "reason": move.reason, "together": list(move.together)}
