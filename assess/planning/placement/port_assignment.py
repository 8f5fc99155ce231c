"""The ports of one container host: who keeps its number, and how the others are reached.

A container can have a separate address (then all its ports stay the same), stand behind a reverse proxy that
tells services apart by name, or be given another port. For one port alone the best answer is arithmetic. What ties
ports together is that an address serves all ports of a workload, so only workloads with several contended ports are
searched over: branch and bound, since a port never gets cheaper when more workloads claim it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from assess.planning.placement.placement_problem import (
    Demand,
    Pool,
    PortAssignment,
    PortAssignments,
    PortMethod,
    PortRequest,
    Prices,
)

NODES = 20_000
"""Steps of the search, after which the best that was found is taken. A count and no time: what a plan says must not
depend on how busy a machine is."""

_FREE = range(20_000, 32_768)
"""Where a port for a moved service is looked for: above the well-known ones, below those that Linux gives to outgoing
connections (net.ipv4.ip_local_port_range, from 32768)."""

_Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A workload that wants a contended port. ``address`` is what an own address costs for this port alone."""

    demand: str
    wish: PortRequest
    address: float

    def alternatives(self, prices: Prices) -> tuple[tuple[float, PortMethod], ...]:
        """Ways other than keeping the port and the proxy, with their costs; the first of equals is preferred."""
        moved = self.wish.move_cost if self.wish.movable else prices.stuck
        way = PortMethod.MOVED if self.wish.movable else PortMethod.STUCK
        return ((self.address, PortMethod.ADDRESS), (moved, way))


_Answer = tuple[_Claim, PortMethod, float]


def assign_ports(demands: Sequence[Demand], pool: Pool, prices: Prices, nodes: int = NODES) -> PortAssignments:
    """The cheapest way to reach every port of ``demands`` on one server of ``pool``.

    Where ``nodes`` steps do not suffice to prove it, the answer is good and ``optimal`` is False.
    """
    search = _Search(demands, pool, prices, nodes)
    chosen = search.run()
    answers = [_answer(each) for key in search.groups for each in search.answers(key, chosen)]
    addressed = chosen | {answer.demand for answer in answers if answer.way is PortMethod.ADDRESS}
    for demand in demands:
        own = demand.id in addressed
        # The address is paid once: by a port that is contended only by others it was paid above.
        price = prices.address if demand.id in chosen else 0.0
        for wish in demand.ports:
            if wish.key in search.groups and demand.id not in chosen:
                continue
            way = PortMethod.ADDRESS if own else PortMethod.SAME
            answers.append(PortAssignment(demand.id, wish.transport, wish.number, wish.number, way, price))
            price = 0.0
    taken = {wish.key for demand in demands for wish in demand.ports} | pool.held
    placed = [_with_number(answer, taken) for answer in sorted(answers, key=_order)]
    return PortAssignments(sum(answer.cost for answer in placed), tuple(placed), search.complete)


def _order(answer: PortAssignment) -> tuple[str, str, int]:
    return (answer.demand, answer.transport, answer.wished)


def _answer(each: _Answer) -> PortAssignment:
    claim, way, cost = each
    return PortAssignment(claim.demand, claim.wish.transport, claim.wish.number, claim.wish.number, way, cost)


def _with_number(answer: PortAssignment, taken: set[_Key]) -> PortAssignment:
    """A free number for a moved port, which is taken then: its own with 10000 added where that is free."""
    if answer.way is not PortMethod.MOVED:
        return answer
    for number in (answer.wished + 10_000, *_FREE):
        if number < _FREE.stop and (answer.transport, number) not in taken:
            taken.add((answer.transport, number))
            return replace(answer, number=number)
    return replace(answer, way=PortMethod.STUCK)


class _Search:
    """The search for the workloads that get a separate address."""

    def __init__(self, demands: Sequence[Demand], pool: Pool, prices: Prices, nodes: int) -> None:
        self._prices = prices
        self._held = pool.held
        self._left = nodes
        self.complete = True
        wanted: dict[_Key, list[tuple[Demand, PortRequest]]] = defaultdict(list)
        for demand in demands:
            for wish in demand.ports:
                wanted[wish.key].append((demand, wish))
        contended = {key: each for key, each in wanted.items() if len(each) > 1 or key in pool.held}
        count: dict[str, int] = defaultdict(int)
        for each in contended.values():
            for demand, _ in each:
                count[demand.id] += 1
        self._budget = pool.addresses
        # Where addresses are short each one is decided on; else only those that serve several contended ports.
        self._several = sorted(
            (name for name in count if count[name] > 1 or self._budget is not None),
            key=lambda name: (-count[name], name),
        )
        decided = frozenset(self._several)
        self.groups: Mapping[_Key, tuple[_Claim, ...]] = {
            key: tuple(
                _Claim(demand.id, wish, prices.stuck * 2 if demand.id in decided else prices.address)
                for demand, wish in each
            )
            for key, each in contended.items()
        }
        self._keys_of: dict[str, list[_Key]] = defaultdict(list)
        for key, claims in self.groups.items():
            for claim in claims:
                self._keys_of[claim.demand].append(key)

    def run(self) -> frozenset[str]:
        """The demands that get an own address, of those that are decided on here."""
        best = self._greedy()
        self._best, self._best_cost = best, self._cost(best)
        none = frozenset(self._several)
        # Who is undecided claims nothing yet: a lower bound, since claims never make a port cheaper.
        self._branch(0, frozenset(), {key: self._group_cost(key, none) for key in self.groups})
        return self._best

    def answers(self, key: _Key, addressed: Set[str]) -> list[_Answer]:
        """The best answers for the claims of one port by those that have no separate address."""
        claims = [claim for claim in self.groups[key] if claim.demand not in addressed]
        if not claims:
            return []
        kept = self._keep(claims, held=key in self._held)
        if key in self._held or sum(claim.wish.by_name for claim in claims) < 2:
            return kept
        proxied = self._behind_proxy(claims)
        return proxied if _sum(proxied) < _sum(kept) else kept

    def _keep(self, claims: list[_Claim], *, held: bool) -> list[_Answer]:
        answers: list[_Answer] = []
        for claim in claims:
            cost, way = min(claim.alternatives(self._prices), key=lambda each: each[0])
            answers.append((claim, way, cost))
        if not held:
            dearest = max(range(len(answers)), key=lambda index: answers[index][2])
            answers[dearest] = (answers[dearest][0], PortMethod.SAME, 0.0)
        return answers

    def _behind_proxy(self, claims: list[_Claim]) -> list[_Answer]:
        answers: list[_Answer] = []
        once = self._prices.proxy_port
        for claim in claims:
            ways = claim.alternatives(self._prices)
            if claim.wish.by_name:
                ways = ((self._prices.proxy, PortMethod.PROXY), *ways)
            cost, way = min(ways, key=lambda each: each[0])
            answers.append((claim, way, cost + once))
            once = 0.0
        return answers

    def _group_cost(self, key: _Key, addressed: Set[str]) -> float:
        return _sum(self.answers(key, addressed))

    def _cost(self, addressed: Set[str]) -> float:
        own = self._prices.address * len(addressed)
        return own + sum(self._group_cost(key, addressed) for key in self.groups)

    def _greedy(self) -> frozenset[str]:
        """Give addresses away one by one as long as that makes the plan cheaper."""
        chosen: set[str] = set()
        costs = {key: self._group_cost(key, chosen) for key in self.groups}
        for name in self._several:
            if self._budget is not None and len(chosen) >= self._budget:
                break
            tried = {key: self._group_cost(key, chosen | {name}) for key in self._keys_of[name]}
            if sum(tried.values()) + self._prices.address < sum(costs[key] for key in tried):
                chosen.add(name)
                costs.update(tried)
        return frozenset(chosen)

    def _branch(self, depth: int, chosen: frozenset[str], costs: Mapping[_Key, float]) -> None:
        """``costs`` are those of the ports without the demands from ``depth`` on, which are not decided yet."""
        if self._left <= 0:
            self.complete = False
            return
        self._left -= 1
        bound = self._prices.address * len(chosen) + sum(costs.values())
        if bound >= self._best_cost - 1e-9:
            return
        if depth == len(self._several):
            self._best, self._best_cost = chosen, bound
            return
        name = self._several[depth]
        others = chosen.union(self._several[depth + 1 :])
        claimed = {key: self._group_cost(key, others) for key in self._keys_of[name]}
        self._branch(depth + 1, chosen, {**costs, **claimed})
        if self._budget is None or len(chosen) < self._budget:
            self._branch(depth + 1, chosen | {name}, costs)


def _sum(answers: Iterable[_Answer]) -> float:
    return sum(cost for _, _, cost in answers)
