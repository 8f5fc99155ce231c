"""The terms of the placement problem, independent of hosts and snapshots.

All costs are points of one scale (``placement.toml``): the work of people to set something up and to announce it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PortRequest:
    """A port that must be reachable as today. ``transport`` is tcp or udp.

    ``move_cost`` is what it costs to let it be another port: clients to tell, configuration lines to edit.
    ``by_name`` says that a reverse proxy can tell several such services on one port apart (HTTP, TLS with names).
    ``movable`` is False where clients cannot be given another port (DNS, a protocol that carries its own port).
    """

    transport: str
    number: int
    move_cost: float
    by_name: bool = False
    movable: bool = True

    @property
    def key(self) -> tuple[str, int]:
        """(transport, number)."""
        return (self.transport, self.number)


@dataclass(frozen=True, slots=True)
class Demand:
    """A workload with everything that cannot be separated from it, placed as one. ``workloads`` are their ids.

    ``needs`` maps a resource (``cpus``, ``memory``, ``pids`` …) to an amount; ``pools`` are the names of the pools that
    fit; ``kernel`` are host-wide settings (a sysctl) and the value that it wants: two demands that want different
    values of one setting cannot share a server. ``sized_by`` says what processors and what memory were measured by.
    """

    id: str
    workloads: tuple[str, ...]
    ports: tuple[PortRequest, ...]
    needs: Mapping[str, float]
    pools: frozenset[str]
    kernel: tuple[tuple[str, str], ...] = ()
    sized_by: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """Container hosts of one kind. ``servers`` is how many there are, None for as many as are needed.

    ``offers`` are the amounts that one server has for containers, headroom taken off; ``held`` the ports that its own
    programs hold; ``addresses`` how many further addresses one server can have, None for as many as are wanted.
    ``server_cost`` is what using one costs.
    """

    name: str
    offers: Mapping[str, float]
    servers: int | None = None
    held: frozenset[tuple[str, int]] = frozenset()
    addresses: int | None = None
    server_cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Prices:
    """``address``: one more address of a server for a workload. ``proxy``: a workload behind a reverse proxy;
    ``proxy_port``: the proxy on one port of one server. ``stuck`` is for a port that has no solution at all: it is
    dear, so that such a plan is only made when there is no other.
    """

    address: float = 4.0
    proxy: float = 2.0
    proxy_port: float = 3.0
    stuck: float = 10_000.0


class PortMethod(StrEnum):
    """The ways to reach a port after the move."""

    SAME = "same port"
    ADDRESS = "own address"
    PROXY = "reverse proxy"
    MOVED = "another port"
    STUCK = "no solution"


@dataclass(frozen=True, slots=True)
class PortAssignment:
    """The assignment of one port. ``number`` is the port that clients use; ``cost`` its share of the plan's cost."""

    demand: str
    transport: str
    wished: int
    number: int
    way: PortMethod
    cost: float


@dataclass(frozen=True, slots=True)
class PortAssignments:
    """The ports of one server. ``optimal`` is False when the search was ended before it had seen everything."""

    cost: float
    answers: tuple[PortAssignment, ...]
    optimal: bool = True


@dataclass(frozen=True, slots=True)
class PlacedServer:
    """A used container host: its pool, its number in it (from 1), who is on it, and how its ports are given out.

    ``fill`` maps each resource to the used share of what the server offers.
    """

    pool: str
    number: int
    demands: tuple[str, ...]
    ports: PortAssignments
    fill: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class PlacementPlan:
    """A placement with its ports. ``unplaced`` maps a demand to the reason.

    ``optimal``: it is proved that none is cheaper.
    """

    servers: tuple[PlacedServer, ...]
    unplaced: Mapping[str, str]
    cost: float
    optimal: bool = False


@dataclass(frozen=True, slots=True)
class PlacementProblem:
    """Everything that a solver is given."""

    demands: tuple[Demand, ...]
    pools: tuple[Pool, ...]
    prices: Prices = field(default_factory=Prices)
