"""Facts on a terminal."""

import io

from rich.console import Console

from inventory.model.sockets import Connection
from inventory.observation import Origin
from reports.terminal.facts_table import print_facts


def test_what_is_alike_for_all_of_a_kind_is_said_once() -> None:
    facts = tuple(
        Connection("tcp", "10.77.0.11", 40000 + number, "10.77.0.12", 3306, "ESTABLISHED", 33, 7, Origin("a", "b", 1))
        for number in range(2)
    )
    out = io.StringIO()

    print_facts(facts, Console(file=out, width=200))

    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines == [
        "",
        "connection: 2",
        "all: protocol tcp, local address 10.77.0.11, remote address 10.77.0.12, remote port 3306, state ESTABLISHED, "
        "uid 33, inode 7",
        "local port",
        "40000",
        "40001",
    ]


def test_a_section_that_found_nothing_says_so() -> None:
    out = io.StringIO()

    print_facts((), Console(file=out, width=80))

    assert out.getvalue() == "none\n"
