"""The order in which applications move."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assess.model import Evidence
from assess.planning.model import Application, Dependency, DependencyKind, Wave
from assess.planning.waves import MOST, NAMED, SHARED_FROM, plan_waves


def applications(*names: str) -> tuple[Application, ...]:
    return tuple(Application(name, (f"h/{name}",), f"h/{name}", ()) for name in names)


def edge(client: str, server: str, tie: DependencyKind = DependencyKind.CONNECTION) -> Dependency:
    return Dependency(f"h/{client}", f"h/{server}", tie, 80, Evidence("seen"))


def numbers(waves: tuple[Wave, ...]) -> dict[str, int]:
    return {move.application: wave.number for wave in waves for move in wave.moves}


def test_a_server_moves_after_all_its_clients() -> None:
    waves = numbers(plan_waves(applications("db", "web", "api"), [edge("web", "api"), edge("api", "db")]))
    assert waves["web"] < waves["api"] < waves["db"]


def test_what_depends_on_each_other_moves_together() -> None:
    waves = plan_waves(applications("a", "b", "c"), [edge("a", "b"), edge("b", "a"), edge("c", "a")])
    assert numbers(waves) == {"c": 1, "a": 2, "b": 2}
    assert next(move for wave in waves for move in wave.moves if move.application == "a").together == ("b",)


def test_coupled_ones_are_never_parted_even_where_that_closes_a_circle() -> None:
    """a and b share memory; a asks x and x asks b: then x is in the circle too."""
    ties = [edge("a", "b", DependencyKind.COUPLED), edge("a", "x"), edge("x", "b")]
    waves = numbers(plan_waves(applications("a", "b", "x"), ties))
    assert len(set(waves.values())) == 1


def test_data_moves_late_and_what_all_lean_on_last() -> None:
    names = [f"app{number}" for number in range(SHARED_FROM)]
    edges = [edge(name, "ldap") for name in names]
    waves = plan_waves(applications(*names, "ldap", "mariadb"), edges, data=frozenset({"mariadb"}))
    found = numbers(waves)
    assert max(found[name] for name in names) < found["mariadb"] < found["ldap"]
    reasons = {move.application: move.reason for wave in waves for move in wave.moves}
    assert reasons["ldap"] == f"{SHARED_FROM} applications depend on it, so it moves after what fewer depend on"
    assert reasons["mariadb"] == (
        "it holds data, so it moves after those without data; nothing was observed that depends on it"
    )


def test_what_is_critical_moves_when_the_way_was_practised() -> None:
    waves = plan_waves(applications("a", "b", "c"), [], critical=frozenset({"a"}))
    assert numbers(waves) == {"b": 1, "c": 1, "a": 2}


def test_what_stays_is_in_no_wave_and_ties_nothing() -> None:
    waves = numbers(plan_waves(applications("a", "b", "c"), [edge("a", "b"), edge("b", "c")], {"b": "stays"}))
    assert waves == {"a": 1, "c": 1}


def reasons_of(waves: tuple[Wave, ...]) -> dict[str, str]:
    return {move.application: move.reason for wave in waves for move in wave.moves}


def test_what_would_move_as_early_anyway_is_not_said_to_wait_for_what_it_is() -> None:
    alone = plan_waves(applications("mariadb"), [], data=frozenset({"mariadb"}))
    assert reasons_of(alone)["mariadb"] == "nothing was observed that depends on it"
    edges = [edge("shop", "api"), edge("api", "mariadb")]
    behind = plan_waves(applications("shop", "api", "mariadb"), edges, data=frozenset({"mariadb"}))
    assert reasons_of(behind)["mariadb"] == ("it holds data, so it moves after those without data; api depends on it")
    edges = [edge("mariadb", "proxy"), edge("proxy", "store")]
    before = plan_waves(applications("mariadb", "proxy", "store"), edges, data=frozenset({"mariadb"}))
    assert reasons_of(before)["store"] == "proxy depends on it"


def test_the_limit_of_a_wave_is_a_reason_of_all_that_it_delays() -> None:
    names = [f"w{number:03}" for number in range(MOST + 1)]
    waves = plan_waves(applications(*names, "zdb"), [edge(names[0], "zdb")])
    assert numbers(waves)["zdb"] == 3
    reasons = reasons_of(waves)
    limit = f"1 wave later, because a wave has at most {MOST} applications"
    assert reasons[names[-1]] == f"nothing was observed that depends on it; {limit}"
    assert reasons["zdb"] == f"{names[0]} depends on it; {limit}"
    assert limit not in reasons[names[0]]


def test_a_circle_is_behind_the_clients_of_any_of_it() -> None:
    waves = plan_waves(applications("a", "b", "c"), [edge("a", "b"), edge("b", "a"), edge("c", "a")])
    assert reasons_of(waves)["b"] == (
        "moves with what it depends on in a circle or cannot be parted from; c depends on them"
    )


def test_waves_are_small_enough_to_watch() -> None:
    waves = plan_waves(applications(*(f"w{number:03}" for number in range(3 * MOST))), [])
    assert [len(wave.moves) for wave in waves] == [MOST] * 3


names = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)
edges = st.lists(
    st.builds(edge, st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh"), st.sampled_from(DependencyKind)),
    max_size=14,
)


@given(names, edges, st.frozensets(st.sampled_from("abcdefgh")))
def test_every_application_moves_once_and_no_server_before_its_client(
    each: list[str], ties: list[Dependency], data: frozenset[str]
) -> None:
    waves = plan_waves(applications(*each), ties, data=data)
    found = numbers(waves)
    assert sorted(found) == sorted(each)
    assert sum(len(wave.moves) for wave in waves) == len(each)
    together = {move.application: {move.application, *move.together} for wave in waves for move in wave.moves}
    for tie in ties:
        client, server = tie.client[2:], tie.server[2:]
        if client in found and server in found:
            assert found[client] < found[server] or server in together[client]
            if tie.tie is DependencyKind.COUPLED:
                assert found[client] == found[server]


def test_a_circle_of_thousands_names_a_few_of_them_beside_each() -> None:
    names = [f"w{number:04}" for number in range(2000)]
    (wave,) = plan_waves(applications(*names), [edge(one, other) for one, other in pairwise([*names, names[0]])])
    assert [move.application for move in wave.moves] == names
    assert {len(move.together) for move in wave.moves} == {NAMED}
    assert all(move.application not in move.together for move in wave.moves)
    assert all("2,000 applications in all" in move.reason for move in wave.moves)
