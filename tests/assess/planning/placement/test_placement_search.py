"""Placement and ports together, against trying everything, and at size."""

from __future__ import annotations

import random
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from assess.planning.placement.placement_problem import (
    Demand,
    PlacementPlan,
    PlacementProblem,
    Pool,
    PortMethod,
    PortRequest,
    Prices,
)
from assess.planning.placement.placement_search import EXACT, IMPROVED, Planner, fullest, solve
from assess.planning.placement.port_assignment import assign_ports

ROOM = {"cpus": 4.0, "memory": 8.0}
UNPLACED = 1_000_000.0


def demand(name: str, *ports: PortRequest, cpus: float = 1.0, pools: str = "a", **kernel: str) -> Demand:
    return Demand(name, (name,), ports, {"cpus": cpus, "memory": 1.0}, frozenset(pools), tuple(sorted(kernel.items())))


def port(number: int, cost: float = 10.0, *, by_name: bool = False, movable: bool = True) -> PortRequest:
    return PortRequest("tcp", number, cost, by_name, movable)


def servers_of(plan: PlacementPlan) -> list[set[str]]:
    return sorted((set(server.demands) for server in plan.servers), key=sorted)


def test_what_clashes_is_spread_while_servers_are_free() -> None:
    problem = PlacementProblem((demand("x", port(80)), demand("y", port(80))), (Pool("a", ROOM, servers=2),))
    plan = solve(problem)
    assert (plan.cost, plan.optimal) == (0.0, True)
    assert servers_of(plan) == [{"x"}, {"y"}]


def test_an_address_is_cheaper_than_a_server() -> None:
    problem = PlacementProblem((demand("x", port(80)), demand("y", port(80))), (Pool("a", ROOM, server_cost=100.0),))
    plan = solve(problem)
    assert servers_of(plan) == [{"x", "y"}]
    assert plan.cost == 100.0 + Prices().address


def test_two_who_want_different_kernels_never_share_one() -> None:
    pair = (demand("x", hugepages="100"), demand("y", hugepages="200"), demand("z", hugepages="100"))
    plan = solve(PlacementProblem(pair, (Pool("a", ROOM, server_cost=100.0),)))
    assert servers_of(plan) == [{"x", "z"}, {"y"}]


def test_what_fits_nowhere_says_why() -> None:
    problem = PlacementProblem(
        (demand("big", cpus=9.0), demand("other", pools="b"), demand("late", cpus=4.0), demand("first", cpus=4.0)),
        (Pool("a", ROOM, servers=1),),
    )
    plan = solve(problem)
    assert plan.unplaced["big"] == "it needs more cpus than any container host that fits has"
    assert plan.unplaced["other"] == "no container host fits"
    assert len(plan.unplaced) == 3
    assert "every container host that fits is full" in plan.unplaced.values()


def test_the_fullest_resource_bounds_the_rest() -> None:
    plan = solve(PlacementProblem((demand("x", cpus=3.0),), (Pool("a", ROOM),)))
    assert fullest(plan.servers[0].fill) == ("cpus", 0.75)


wishes = st.builds(
    PortRequest,
    st.just("tcp"),
    st.sampled_from([80, 443]),
    st.sampled_from([1.0, 3.0, 30.0]),
    st.booleans(),
    st.booleans(),
)
demands = st.lists(
    st.tuples(
        st.lists(wishes, max_size=2, unique_by=lambda wish: wish.number),
        st.sampled_from([1.0, 2.0, 3.0]),
        st.sampled_from(["a", "b", "ab"]),
        st.sampled_from([(), (("hugepages", "1"),), (("hugepages", "2"),)]),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda each: tuple(
        Demand(f"d{n}", (f"d{n}",), tuple(ports), {"cpus": cpus}, frozenset(pools), kernel)
        for n, (ports, cpus, pools, kernel) in enumerate(each)
    )
)
held = st.sampled_from([frozenset({("tcp", 80)}), frozenset()])
pools = st.tuples(
    st.builds(Pool, st.just("a"), st.just(ROOM), st.sampled_from([1, 2]), held),
    st.builds(
        Pool, st.just("b"), st.just(ROOM), st.none(), st.just(frozenset()), st.sampled_from([None, 0, 1]), st.just(50.0)
    ),
)


@given(demands, pools)
def test_no_plan_of_a_small_estate_is_cheaper(each: tuple[Demand, ...], kinds: tuple[Pool, ...]) -> None:
    plan = solve(PlacementProblem(each, kinds))
    assert plan.optimal
    assert plan.cost + UNPLACED * len(plan.unplaced) == min(every_cost(each, kinds, []))


def every_cost(
    each: tuple[Demand, ...], kinds: tuple[Pool, ...], servers: list[tuple[Pool, list[Demand]]]
) -> Iterator[float]:
    """The cost of every placement that is allowed. The ports of a server have a test of their own."""
    if not each:
        yield sum(pool.server_cost + assign_ports(those, pool, Prices()).cost for pool, those in servers if those)
        return
    first, rest = each[0], each[1:]
    for index, (pool, those) in enumerate(servers):
        if allowed(pool, [*those, first]):
            yield from every_cost(rest, kinds, [*servers[:index], (pool, [*those, first]), *servers[index + 1 :]])
    for pool in kinds:
        count = sum(one is pool for one, _ in servers)
        if (pool.servers is None or count < pool.servers) and allowed(pool, [first]):
            yield from every_cost(rest, kinds, [*servers, (pool, [first])])
    for cost in every_cost(rest, kinds, servers):
        yield cost + UNPLACED


def allowed(pool: Pool, those: list[Demand]) -> bool:
    settings = [setting for one in those for setting in one.kernel]
    return (
        all(pool.name in one.pools for one in those)
        and sum(one.needs["cpus"] for one in those) <= pool.offers["cpus"]
        and len({value for _, value in settings}) <= 1
    )


def estate(count: int, seed: int = 1) -> tuple[Demand, ...]:
    random_ = random.Random(seed)
    kinds = [
        (port(80, by_name=True), port(443, by_name=True)),
        (port(5432, 6.0),),
        (port(25, movable=False),),
        (port(8080, 2.0, by_name=True),),
        (),
    ]
    return tuple(demand(f"w{n:05}", *random_.choice(kinds), cpus=random_.choice([0.1, 0.3, 1.0])) for n in range(count))


def test_every_demand_is_placed_once_and_fits(count: int = IMPROVED + 200) -> None:
    each = estate(count)
    plan = solve(PlacementProblem(each, (Pool("a", ROOM, server_cost=100.0),)))
    assert not plan.unplaced
    placed = [name for server in plan.servers for name in server.demands]
    assert sorted(placed) == [one.id for one in each]
    assert all(share <= 1.0 for server in plan.servers for share in server.fill.values())
    published = [
        (server.number, answer.transport, answer.number)
        for server in plan.servers
        for answer in server.ports.answers
        if answer.way in (PortMethod.SAME, PortMethod.MOVED)
    ]
    assert len(published) == len(set(published))


def test_a_middle_estate_is_near_the_best() -> None:
    """Against the search of everything, on estates that are just small enough for it."""
    for seed in range(5):
        each = estate(EXACT, seed)
        kinds = (Pool("a", ROOM, server_cost=20.0),)
        best = solve(PlacementProblem(each, kinds))
        planner = Planner(kinds, Prices(), 500)
        servers, left = planner.fill(each)
        planner.improve(servers)
        assert not left
        assert sum(planner.cost(server) for server in servers) <= best.cost * 1.15
