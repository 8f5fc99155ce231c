"""Tables at all widths: no word is broken, nothing is lost."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from reports.terminal.tables import Column, print_table

WORDS = st.text(st.sampled_from("ab1./:-"), min_size=1, max_size=24)
CELLS = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=4)
TITLES = ("Host", "Address", "Verdict")


def printed(rows: list[list[str]], width: int) -> str:
    file = io.StringIO()
    print_table([Column(title) for title in TITLES], rows, Console(file=file, width=width, highlight=False))
    return file.getvalue()


@given(rows=ROWS, width=st.integers(20, 140))
def test_no_word_is_broken_and_none_is_lost(rows: list[list[str]], width: int) -> None:
    output = printed(rows, width).split()
    for row in rows:
        for cell in row:
            for word in cell.split():
                assert word in output


@given(rows=ROWS, width=st.integers(180, 300))
def test_a_line_is_no_wider_than_the_terminal(rows: list[list[str]], width: int) -> None:
    assert max(map(len, printed(rows, width).splitlines())) <= width


def test_sixty_columns_show_addresses_whole() -> None:
    address = "2001:0db8:85a3:0000:0000:8a2e:0370:7334"

    assert printed([["database-cluster-node-01.internal.example.org", address, "needs work"]], 60).splitlines() == [
        "database-cluster-node-01.internal.example.org",
        f"  Address: {address}",
        "  Verdict: needs work",
    ]


def test_columns_stand_side_by_side_where_there_is_room() -> None:
    assert printed([["web01", "10.0.0.1", "ready"]], 60).splitlines() == [
        "Host   Address   Verdict",
        "web01  10.0.0.1  ready",
    ]
