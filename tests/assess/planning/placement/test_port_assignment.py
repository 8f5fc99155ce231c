"""The ports of one server, against trying everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from assess.planning.placement.placement_problem import Demand, Pool, PortAssignment, PortMethod, PortRequest, Prices
from assess.planning.placement.port_assignment import assign_ports

PRICES = Prices()


def demand(name: str, *ports: PortRequest) -> Demand:
    return Demand(name, (name,), ports, {}, frozenset({"pool"}))


def pool(*held: tuple[str, int], addresses: int | None = None) -> Pool:
    return Pool("pool", {}, held=frozenset(held), addresses=addresses)


def way(answers: tuple[PortAssignment, ...], name: str) -> PortMethod:
    return next(answer.way for answer in answers if answer.demand == name)


def web(cost: float = 10.0) -> PortRequest:
    return PortRequest("tcp", 80, cost, by_name=True)


def plain(number: int, cost: float = 10.0, *, movable: bool = True) -> PortRequest:
    return PortRequest("tcp", number, cost, movable=movable)


def test_who_is_alone_keeps_its_port() -> None:
    found = assign_ports([demand("a", web()), demand("b", plain(5432))], pool(), PRICES)
    assert (found.cost, found.optimal) == (0.0, True)
    assert {answer.way for answer in found.answers} == {PortMethod.SAME}


def test_the_one_with_the_most_to_tell_keeps_the_port() -> None:
    found = assign_ports([demand("few", plain(25, 1.0)), demand("many", plain(25, 3.0))], pool(), PRICES)
    assert (way(found.answers, "few"), way(found.answers, "many")) == (PortMethod.MOVED, PortMethod.SAME)
    assert found.cost == 1.0


def test_a_port_that_the_server_holds_itself_is_kept_by_nobody() -> None:
    found = assign_ports([demand("a", plain(22, movable=False))], pool(("tcp", 22)), PRICES)
    assert way(found.answers, "a") is PortMethod.ADDRESS


def test_web_servers_share_a_proxy_when_there_are_enough() -> None:
    two = assign_ports([demand("a", web()), demand("b", web())], pool(), PRICES)
    assert {answer.way for answer in two.answers} == {PortMethod.SAME, PortMethod.ADDRESS}
    many = assign_ports([demand(f"w{number}", web()) for number in range(5)], pool(), PRICES)
    assert {answer.way for answer in many.answers} == {PortMethod.PROXY}
    assert many.cost == PRICES.proxy_port + 5 * PRICES.proxy


def test_one_address_serves_all_ports_of_a_workload() -> None:
    both = (plain(25, movable=False), plain(110, movable=False))
    found = assign_ports([demand("a", *both), demand("b", *both)], pool(), PRICES)
    assert found.cost == PRICES.address
    assert sorted(answer.way for answer in found.answers) == [PortMethod.ADDRESS] * 2 + [PortMethod.SAME] * 2


def test_moved_ports_are_free_and_differ() -> None:
    claims = [demand(f"s{number}", plain(8080, 1.0)) for number in range(4)]
    found = assign_ports([*claims, demand("other", plain(18080))], pool(("tcp", 20_000)), PRICES)
    numbers = [answer.number for answer in found.answers]
    assert len(set(numbers)) == 5
    assert 20_000 not in numbers


def test_without_addresses_what_cannot_move_is_stuck() -> None:
    fixed = plain(53, movable=False)
    found = assign_ports([demand("a", fixed), demand("b", fixed)], pool(addresses=0), PRICES)
    assert sorted(answer.way for answer in found.answers) == [PortMethod.STUCK, PortMethod.SAME]
    assert found.cost == PRICES.stuck


wishes = st.builds(
    PortRequest,
    st.just("tcp"),
    st.sampled_from([25, 80, 443]),
    st.sampled_from([1.0, 3.0, 7.0, 30.0]),
    st.booleans(),
    st.booleans(),
)
demands = st.lists(
    st.lists(wishes, min_size=1, max_size=3, unique_by=lambda wish: wish.number), min_size=1, max_size=4
).map(lambda each: [demand(f"d{number}", *ports) for number, ports in enumerate(each)])


@given(demands, st.sets(st.sampled_from([("tcp", 25), ("tcp", 80)])), st.sampled_from([None, 0, 1]))
def test_nothing_is_cheaper(each: list[Demand], held: set[tuple[str, int]], addresses: int | None) -> None:
    server = pool(*held, addresses=addresses)
    found = assign_ports(each, server, PRICES)
    assert found.optimal
    assert found.cost == min(cost_of_all(each, server))
    assert {(answer.demand, answer.wished) for answer in found.answers} == {
        (one.id, wish.number) for one in each for wish in one.ports
    }


def cost_of_all(each: list[Demand], server: Pool) -> Iterator[float]:
    """The cost of every thinkable plan."""
    for addressed in itertools.product([False, True], repeat=len(each)):
        if server.addresses is not None and sum(addressed) > server.addresses:
            continue
        own = {one.id for one, has in zip(each, addressed, strict=True) if has}
        keys = sorted({wish.key for one in each for wish in one.ports})
        claims = {
            key: [wish for one in each if one.id not in own for wish in one.ports if wish.key == key] for key in keys
        }
        yield PRICES.address * len(own) + sum(
            min(cost_of_port(those, held=key in server.held)) for key, those in claims.items()
        )


def cost_of_port(claims: list[PortRequest], *, held: bool) -> Iterator[float]:
    for ways in itertools.product(
        [PortMethod.SAME, PortMethod.PROXY, PortMethod.MOVED, PortMethod.STUCK], repeat=len(claims)
    ):
        kept, proxied = ways.count(PortMethod.SAME), ways.count(PortMethod.PROXY)
        if (held and kept + proxied) or kept + bool(proxied) > 1:
            continue
        if any(not claim.by_name and chosen is PortMethod.PROXY for claim, chosen in zip(claims, ways, strict=True)):
            continue
        yield sum(
            {
                PortMethod.SAME: 0.0,
                PortMethod.PROXY: PRICES.proxy,
                PortMethod.MOVED: claim.move_cost if claim.movable else PRICES.stuck,
                PortMethod.STUCK: PRICES.stuck,
            }[chosen]
            for claim, chosen in zip(claims, ways, strict=True)
        ) + (PRICES.proxy_port if proxied else 0.0)
