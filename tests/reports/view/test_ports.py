"""The port map as people think of ports: IPv4 and IPv6 are one, and what is wanted twice comes first."""

from __future__ import annotations

import pytest

from assess.model import PortUse
from assess.planning.model import PlannedPort
from reports.view.ports import conflicts, port_rows, reach


def use(workload: str, protocol: str, address: str, port: int, wanted_by: tuple[str, ...] = ()) -> PortUse:
    host = workload.partition("/")[0] or "web01"
    return PortUse(workload, host, protocol, address, port, "apache2", "", (), wanted_by)


def test_both_families_of_one_listener_are_one_row() -> None:
    (row,) = port_rows([use("a/x", "tcp", "0.0.0.0", 80), use("a/x", "tcp6", "::", 80)])
    assert (row.port, row.protocol, row.address, row.reach) == (80, "tcp", "0.0.0.0, ::", "anyone")


def test_a_conflict_across_families_is_one_conflict() -> None:
    both = ("a/x", "b/y")
    (conflict,) = conflicts([use("a/x", "tcp", "0.0.0.0", 80, both), use("b/y", "tcp6", "::", 80, tuple(both))])
    assert conflict.sentence == "Port 80/tcp is used by 2 services: a/x and b/y"


def planned(workload: str, port: int, number: int, way: str) -> PlannedPort:
    return PlannedPort(workload, "tcp", port, number, way, "box", 1)


def test_a_contended_port_says_what_the_plan_makes_of_it() -> None:
    both = ("a/x", "b/y")
    plan = (
        planned("a/x", 80, 80, "reverse proxy"),
        planned("b/y", 80, 10_080, "another port"),
        planned("b/y", 443, 443, "same port"),
    )
    uses = [
        use("a/x", "tcp", "0.0.0.0", 80, both),
        use("b/y", "tcp6", "::", 80, both),
        use("b/y", "tcp", "0.0.0.0", 443, ("b/y",)),
    ]

    assert [(row.workload, row.planned) for row in port_rows(uses, plan)] == [
        ("a/x", "reverse proxy"),
        ("b/y", "port 10080"),
        ("b/y", ""),
    ]
    (conflict,) = conflicts(uses, plan)
    assert conflict.sentence.endswith("a/x and b/y; planned: reverse proxy for 1, another port for 1")


def test_udp_and_tcp_do_not_conflict() -> None:
    assert not conflicts([use("a/x", "tcp", "0.0.0.0", 53, ("a/x",)), use("b/y", "udp", "0.0.0.0", 53, ("b/y",))])


def test_order_is_conflicts_then_services_then_what_stays() -> None:
    rows = port_rows(
        [
            use("a/sshd", "tcp", "0.0.0.0", 22),
            use("a/db", "tcp", "0.0.0.0", 3306, ("a/db",)),
            use("a/x", "tcp", "0.0.0.0", 8080, ("a/x", "b/y")),
        ]
    )
    assert [row.port for row in rows] == [8080, 3306, 22]


def test_a_listener_without_an_owner_keeps_its_host() -> None:
    (row,) = port_rows([use("", "tcp", "10.0.0.1", 99)])
    assert (row.workload, row.host, row.reach) == ("", "web01", "through 10.0.0.1")


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (("0.0.0.0",), "anyone"),
        (("127.0.0.1", "::1"), "this host only"),
        (("127.0.0.1", "::"), "anyone"),
        (("127.0.0.1", "10.0.0.1"), "through 10.0.0.1"),
    ],
)
def test_reach_in_words(addresses: tuple[str, ...], words: str) -> None:
    assert reach(addresses) == words


def test_a_port_of_a_likely_owner_is_a_row_of_that_workload() -> None:
    unseen = "/etc/pg.conf:3 (likely; the listening process could not be identified)"
    row = PortUse("", "db01", "tcp", "0.0.0.0", 5432, "", unseen, (), ("db01/pg", "db02/pg"), "db01/pg")

    (shown,) = port_rows([row], [planned("db01/pg", 5432, 5432, "own address")])
    assert (shown.workload, shown.set_in, shown.conflict, shown.planned) == ("db01/pg", unseen, True, "own address")
