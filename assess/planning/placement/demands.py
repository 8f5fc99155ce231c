"""The placement problem of an estate: the needs of each workload, and the capacity of each target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import networkx as nx

from assess.model import PortUse, Target, Verdict, Workload, WorkloadAssessment
from assess.planning.placement.placement_prices import placement_table
from assess.planning.placement.placement_problem import Demand, PlacementProblem, Pool, PortRequest
from assess.planning.placement.workload_sizing import sizing_of
from assess.policy.priorities import NOTHING_FIRST, Priorities
from assess.subjects.host_facts import HostFacts
from assess.subjects.port_protocols import Moving, port_moving
from assess.workloads.published_ports import transport_of, wanted_ports


def problem_of(
    demands: Sequence[Demand], targets: Iterable[Target], priorities: Priorities = NOTHING_FIRST
) -> PlacementProblem:
    """The demands of all hosts, and every target as a pool."""
    table = placement_table()
    prices = replace(table.prices, address=table.prices.address * priorities.factor("address"))
    return PlacementProblem(tuple(demands), tuple(_pool(target, priorities) for target in targets), prices)


def demands_of(
    host: HostFacts,
    assessments: Iterable[WorkloadAssessment],
    port_uses: Iterable[PortUse],
    priorities: Priorities = NOTHING_FIRST,
) -> tuple[Demand, ...]:
    """Every service of a host as a demand, together with what it cannot be parted from, which is on the same host.

    Several instances of one workload are one demand with their needs added up: they stand behind one port.
    ``port_uses`` are the rows of the host.
    """
    by_id = {each.workload.id: each for each in assessments if each.workload.kind == "service"}
    uses: dict[tuple[str, str, int], PortUse] = {}
    for use in port_uses:
        uses.setdefault((use.workload or use.likely_owner, transport_of(use.protocol), use.port), use)
    ties = {
        name: [each for each in (*by_id[name].workload.companions, *host.socket_peers.get(name, ())) if each in by_id]
        for name in by_id
    }
    return tuple(
        _demand([by_id[name] for name in sorted(component)], host, uses, priorities) for component in _components(ties)
    )


def _components(ties: Mapping[str, Sequence[str]]) -> list[set[str]]:
    """Return the groups of workloads that cannot be separated, in the order of the first of each."""
    if not any(ties.values()):
        return [{name} for name in ties]
    coupled: nx.Graph[str] = nx.Graph()
    coupled.add_nodes_from(ties)
    coupled.add_edges_from((name, other) for name, others in ties.items() for other in others)
    return [set(component) for component in nx.connected_components(coupled)]


def _demand(
    members: Sequence[WorkloadAssessment],
    host: HostFacts,
    uses: Mapping[tuple[str, str, int], PortUse],
    priorities: Priorities,
) -> Demand:
    fitting = [{fit.target for fit in each.fits if fit.verdict is not Verdict.STAY} for each in members]
    needs: dict[str, float] = {}
    sized_by: dict[tuple[str, str], None] = {}
    ports: dict[tuple[str, int], PortRequest] = {}
    for each in members:
        replicas = priorities.replicas(each.workload)
        sizing = sizing_of(host, each.workload)
        sized_by[sizing.processors_by, sizing.memory_by] = None
        for name, amount in sizing.needs.items():
            factor = replicas * (priorities.factor("headroom") if name == "cpus" else 1.0)
            needs[name] = needs.get(name, 0.0) + amount * factor
        moving = port_moving(each.workload)
        likely = {
            (transport, port)
            for (name, transport, port), use in uses.items()
            if name == use.likely_owner == each.workload.id and use.wanted_by
        }
        for key in sorted({*wanted_ports(each.workload), *likely}):
            use = uses.get((each.workload.id, *key))
            ports.setdefault(key, _wish(each.workload, key, use, moving.get(key, Moving.FREE)))
    return Demand(
        id=members[0].workload.id,
        workloads=tuple(each.workload.id for each in members),
        ports=tuple(ports[key] for key in sorted(ports)),
        needs=needs,
        pools=frozenset(set.intersection(*fitting)),
        kernel=kernel_of(members, host),
        sized_by=tuple(sized_by),
    )


def kernel_of(members: Sequence[WorkloadAssessment], host: HostFacts) -> tuple[tuple[str, str], ...]:
    """The settings of the whole kernel that must have one value for what is placed as one, by name, and what else of
    a kernel can be in one way only (its security module, the processor's virtualization).

    Those of which more is as good are no reason to keep workloads apart: the container host takes the greatest. What
    cannot be parted comes from one host and so ran with one value.
    """
    wanted: dict[str, str] = {}
    for each in members:
        for want in host.kernel_requirements.get(each.workload.id, ()):
            if want.how == "exact":
                wanted.setdefault(want.name, want.value)
        for claim in host.kernel_choices.get(each.workload.id, ()):
            wanted.setdefault(claim.part, claim.choice)
    return tuple(sorted(wanted.items()))


def _wish(workload: Workload, key: tuple[str, int], use: PortUse | None, moving: Moving) -> PortRequest:
    table = placement_table()
    clients = len(use.clients) if use else 0
    cost = table.move_base + table.move_line + (table.move_client * clients if clients else table.move_unseen)
    web = key[0] == "tcp" and any(path.rpartition("/")[2] in table.web_programs for path in workload.executables)
    if moving is Moving.DEARER:
        cost += table.move_told
    # A proxy that reads names would pass on the first connection only of a protocol that tells others.
    by_name = moving is Moving.FREE and (key in table.by_name or web)
    movable = key not in table.fixed and moving is not Moving.FIXED
    return PortRequest(key[0], key[1], cost, by_name=by_name, movable=movable)


def _pool(target: Target, priorities: Priorities) -> Pool:
    table = placement_table()
    instances = (target.sysctls or {}).get("fs.inotify.max_user_instances", "")
    known = {
        "cpus": float(target.cpus),
        "memory": float(target.memory_bytes),
        "inotify": float(instances) if instances.isdigit() else 0.0,
    }
    offers = {
        name: (known.get(name) or assumed) * priorities.share(table.share) for name, assumed in table.assumed.items()
    }
    return Pool(
        name=target.name,
        offers=offers,
        servers=target.servers,
        held=frozenset(target.listening_ports),
        server_cost=table.server * priorities.factor("server"),
    )
