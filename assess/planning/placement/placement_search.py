"""Search for the cheapest placement of workloads on container hosts, together with their ports.

A small estate is searched completely (branch and bound), so its plan is the cheapest there is. For a larger one hosts
are filled one after the other, then workloads are moved and hosts emptied as long as that lowers the cost; the largest
are only filled. Steps are counted, not timed: the same estate gives the same plan on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assess.planning.placement.placement_problem import (
    Demand,
    PlacedServer,
    PlacementPlan,
    PlacementProblem,
    Pool,
    PortAssignments,
    Prices,
)
from assess.planning.placement.port_assignment import assign_ports

EXACT = 10
"""Up to so many demands every placement is considered."""
IMPROVED = 300
"""Up to so many demands a plan is improved after it was made."""

_STEPS = 100_000
_NODES_SMALL, _NODES_LARGE = 5_000, 500
_CANDIDATES = 24
_PASSES = 4
_UNPLACED = 1_000_000.0
_NO_ANSWERS = PortAssignments(0.0, ())


@dataclass
class _Open:
    """A server in the making."""

    pool: Pool
    number: int
    demands: list[Demand] = field(default_factory=list)
    used: dict[str, float] = field(default_factory=dict)
    kernel: dict[str, list[str]] = field(default_factory=dict)
    claimed: dict[tuple[str, int], int] = field(default_factory=dict)

    def takes(self, demand: Demand) -> bool:
        """Whether there is room, and nothing that fights over one kernel."""
        if self.pool.name not in demand.pools:
            return False
        if any(values and values[0] != value for key, value in demand.kernel if (values := self.kernel.get(key))):
            return False
        offers = self.pool.offers
        return all(
            self.used.get(name, 0.0) + amount <= offers.get(name, math.inf) + 1e-9
            for name, amount in demand.needs.items()
        )

    def add(self, demand: Demand) -> None:
        """Put a demand on it."""
        self.demands.append(demand)
        for name, amount in demand.needs.items():
            self.used[name] = self.used.get(name, 0.0) + amount
        for key, value in demand.kernel:
            self.kernel.setdefault(key, []).append(value)
        for wish in demand.ports:
            self.claimed[wish.key] = self.claimed.get(wish.key, 0) + 1

    def remove(self, demand: Demand) -> None:
        """Take a demand off it."""
        self.demands.remove(demand)
        for name, amount in demand.needs.items():
            self.used[name] -= amount
        for key, value in demand.kernel:
            self.kernel[key].remove(value)
        for wish in demand.ports:
            self.claimed[wish.key] -= 1

    def fill(self) -> dict[str, float]:
        """The share of each resource that is used."""
        return {
            name: round(self.used.get(name, 0.0) / offered, 4) if offered else 0.0
            for name, offered in self.pool.offers.items()
        }


def solve(problem: PlacementProblem) -> PlacementPlan:
    """A plan for every demand; what fits nowhere is ``unplaced`` with the reason."""
    reasons = {demand.id: reason for demand in problem.demands if (reason := _impossible(demand, problem.pools))}
    demands = [demand for demand in problem.demands if demand.id not in reasons]
    planner = Planner(problem.pools, problem.prices, _NODES_SMALL if len(demands) <= IMPROVED else _NODES_LARGE)
    servers, left = planner.fill(demands)
    if len(demands) <= IMPROVED:
        planner.improve(servers)
    optimal = False
    if len(demands) <= EXACT:
        servers, left, optimal = planner.search(demands, servers, left)
    reasons.update({demand.id: "every container host that fits is full" for demand in left})
    made: list[PlacedServer] = []
    for server in sorted(servers, key=lambda each: (each.pool.name, each.number)):
        if server.demands:
            ports = planner.ports(server)
            optimal = optimal and ports.optimal
            names = tuple(demand.id for demand in server.demands)
            made.append(PlacedServer(server.pool.name, server.number, names, ports, server.fill()))
    pools = {pool.name: pool for pool in problem.pools}
    cost = sum(pools[server.pool].server_cost + server.ports.cost for server in made)
    return PlacementPlan(tuple(made), reasons, cost, optimal)


def _impossible(demand: Demand, pools: Iterable[Pool]) -> str:
    """Say why no server can take a demand, "" when one can."""
    fitting = [pool for pool in pools if pool.name in demand.pools and pool.servers != 0]
    if not fitting:
        return "no container host fits"
    short: set[str] = set()
    for pool in fitting:
        missing = {name for name, amount in demand.needs.items() if amount > pool.offers.get(name, math.inf)}
        if not missing:
            return ""
        short |= missing
    return f"it needs more {' and '.join(sorted(short))} than any container host that fits has"


class Planner:
    """The three ways to a plan: fill, improve, search."""

    def __init__(self, pools: tuple[Pool, ...], prices: Prices, nodes: int) -> None:
        self._pools = pools
        self._prices = prices
        self._nodes = nodes
        self._known: dict[tuple[str, tuple[str, ...]], PortAssignments] = {}

    def ports(self, server: _Open) -> PortAssignments:
        """The assignment of its ports, computed once for the same demands."""
        if not any(server.claimed.values()):
            return _NO_ANSWERS
        key = (server.pool.name, tuple(sorted(demand.id for demand in server.demands)))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = assign_ports(server.demands, server.pool, self._prices, self._nodes)
        return found

    def cost(self, server: _Open) -> float:
        """The cost of a server with its ports; an empty one costs nothing."""
        return self.ports(server).cost + server.pool.server_cost if server.demands else 0.0

    # Filling.

    def fill(self, demands: Iterable[Demand]) -> tuple[list[_Open], list[Demand]]:
        """First the demands with the least choice and the most need; each goes where it adds the least cost."""
        servers: list[_Open] = []
        by_pool: dict[str, list[_Open]] = {pool.name: [] for pool in self._pools}
        left: list[Demand] = []
        order = sorted(demands, key=lambda each: (len(each.pools), -self._size(each), each.id))
        for turn, demand in enumerate(order):
            best: _Open | None = None
            best_cost = math.inf
            for pool in self._pools:
                if pool.name not in demand.pools:
                    continue
                for server in _some(by_pool[pool.name], turn):
                    if server.takes(demand) and (cost := self._guess(server, demand)) < best_cost:
                        best, best_cost = server, cost
                        if cost == 0.0:
                            break
                fresh = _Open(pool, len(by_pool[pool.name]) + 1)
                if pool.servers is not None and fresh.number > pool.servers:
                    continue
                if fresh.takes(demand) and (cost := pool.server_cost + self._guess(fresh, demand)) < best_cost:
                    best, best_cost = fresh, cost
            if best is None:
                left.append(demand)
                continue
            if not best.demands:
                servers.append(best)
                by_pool[best.pool.name].append(best)
            best.add(demand)
        return servers, left

    def _size(self, demand: Demand) -> float:
        """The largest share of a server that it takes."""
        shares = [
            amount / pool.offers[name]
            for pool in self._pools
            if pool.name in demand.pools
            for name, amount in demand.needs.items()
            if pool.offers.get(name)
        ]
        return max(shares, default=0.0)

    def _guess(self, server: _Open, demand: Demand) -> float:
        """Estimate the cost that a demand adds to the ports of a server."""
        prices = self._prices
        own, others = 0.0, 0.0
        for wish in demand.ports:
            held = wish.key in server.pool.held
            if not held and not server.claimed.get(wish.key):
                continue
            own = prices.address if server.pool.addresses != 0 else prices.stuck
            cheapest = wish.move_cost if wish.movable else prices.stuck
            others += min(cheapest, prices.proxy) if wish.by_name and not held else cheapest
        return min(own, others)

    # Improving.

    def improve(self, servers: list[_Open]) -> None:
        """Move demands to other servers as long as that makes the plan cheaper; empty servers fall away."""
        for _ in range(_PASSES):
            better = False
            for source in sorted(servers, key=lambda each: len(each.demands)):
                better |= self._empty(source, servers)
                for demand in list(source.demands):
                    better |= self._move(demand, source, servers)
            servers[:] = [server for server in servers if server.demands]
            if not better:
                return

    def _move(self, demand: Demand, source: _Open, servers: list[_Open]) -> bool:
        before = self.cost(source)
        source.remove(demand)
        gain = before - self.cost(source)
        best, best_gain = source, 1e-9
        for server in servers:
            if server is source or not server.takes(demand):
                continue
            old = self.cost(server)
            server.add(demand)
            saved = gain - (self.cost(server) - old)
            server.remove(demand)
            if saved > best_gain:
                best, best_gain = server, saved
        best.add(demand)
        return best is not source

    def _empty(self, source: _Open, servers: list[_Open]) -> bool:
        """Take everything off a server, if that is cheaper than the server."""
        before = sum(self.cost(server) for server in servers)
        moved: list[tuple[Demand, _Open]] = []
        for demand in list(source.demands):
            choices = [server for server in servers if server is not source and server.demands and server.takes(demand)]
            if not choices:
                break
            target = min(choices, key=lambda server: self._guess(server, demand))
            source.remove(demand)
            target.add(demand)
            moved.append((demand, target))
        if not source.demands and sum(self.cost(server) for server in servers) < before - 1e-9:
            return True
        for demand, target in reversed(moved):
            target.remove(demand)
            source.add(demand)
        return False

    # Searching everything.

    def search(
        self, demands: list[Demand], servers: list[_Open], left: list[Demand]
    ) -> tuple[list[_Open], list[Demand], bool]:
        """The cheapest plan of all, and whether the search got to its end."""
        self._best_cost = sum(self.cost(server) for server in servers) + _UNPLACED * len(left)
        self._best = ([_copy(server) for server in servers], list(left))
        self._steps = _STEPS
        order = sorted(demands, key=lambda each: (-self._size(each), each.id))
        self._place(order, 0, [], [])
        return (*self._best, self._steps > 0)

    def _place(self, order: list[Demand], depth: int, servers: list[_Open], left: list[Demand]) -> None:
        if self._steps <= 0:
            return
        self._steps -= 1
        cost = sum(self.cost(server) for server in servers) + _UNPLACED * len(left)
        # A server never gets cheaper by one more workload, so what is there is a lower bound.
        if cost >= self._best_cost - 1e-9:
            return
        if depth == len(order):
            self._best_cost = cost
            self._best = ([_copy(server) for server in servers], list(left))
            return
        demand = order[depth]
        for server in servers:
            if server.takes(demand):
                server.add(demand)
                self._place(order, depth + 1, servers, left)
                server.remove(demand)
        for pool in self._pools:
            number = sum(server.pool is pool for server in servers) + 1
            fresh = _Open(pool, number)
            if (pool.servers is None or number <= pool.servers) and fresh.takes(demand):
                fresh.add(demand)
                self._place(order, depth + 1, [*servers, fresh], left)
        self._place(order, depth + 1, servers, [*left, demand])


def _some(servers: list[_Open], turn: int) -> Iterable[_Open]:
    """All servers of a small pool; of a large one the youngest, and as many others in turn."""
    if len(servers) <= _CANDIDATES:
        return servers
    half = _CANDIDATES // 2
    start = turn * half % (len(servers) - half)
    return (*servers[start : start + half], *servers[-half:])


def _copy(server: _Open) -> _Open:
    made = _Open(server.pool, server.number)
    for demand in server.demands:
        made.add(demand)
    return made


def fullest(fill: Mapping[str, float]) -> tuple[str, float]:
    """Return the resource that limits how many more fit on a server, and its used share; ("", 0) for none."""
    return max(fill.items(), key=lambda item: item[1], default=("", 0.0))
