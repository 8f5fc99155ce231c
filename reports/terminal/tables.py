"""Tables of results on a terminal of any width, in which no word and no address is broken."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assess.commands.console import make_console
from reports.view.visible_text import shown

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_NO_TERMINAL = 4000
"""Columns of a table that goes into a pipe: one line a row, whatever its length."""

_GAP = 2
"""Columns between two columns of a table."""


_TALLEST = 4
"""Lines of a row above which a table is harder to read than blocks."""


@dataclass(frozen=True)
class Column:
    """A column: its heading, and whether it holds numbers."""

    title: str
    number: bool = False


def safe(text: str, style: str = "", longest: int = 300) -> Text:
    """Return text of a host without markup and control characters, cut after ``longest`` characters."""
    from rich.text import Text

    return Text(shown(text, longest), style=style)


def results() -> Console:
    """Return the console for tables of results."""
    console = make_console()
    return console if console.is_terminal else make_console(width=_NO_TERMINAL)


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], console: Console | None = None) -> None:
    """Print a table. Where its words do not fit side by side, each row becomes lines of ``title: value``."""
    console = console or results()
    titles = [column.title for column in columns]
    cells = [[safe(cell).plain for cell in row] for row in rows]
    widths = _widths([titles, *cells], console.width)
    lines = [] if widths is None else [_lines(row, widths) for row in cells]
    if widths is None or any(len(row) > _TALLEST for row in lines):
        _print_blocks(titles, cells, console)
        return
    for number, row in enumerate([_lines(titles, widths), *lines]):
        for line in row:
            aligned = [
                text.rjust(width) if column.number else text.ljust(width)
                for text, width, column in zip(line, widths, columns, strict=True)
            ]
            whole = (" " * _GAP).join(aligned).rstrip()
            console.print(safe(whole, "" if number else "dim", _NO_TERMINAL), soft_wrap=True)


def _widths(rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return the width of each column: at least its longest word, at most its longest cell. None: there is no room."""
    by_column = list(zip(*rows, strict=True))
    widths = [max((len(word) for cell in cells for word in cell.split()), default=0) for cells in by_column]
    wanted = [max(map(len, cells)) for cells in by_column]
    free = room - sum(widths) - _GAP * (len(widths) - 1)
    if free < 0:
        return None
    while free and widths != wanted:
        # The column that is furthest from one line gets the next place.
        widths[max(range(len(widths)), key=lambda at: wanted[at] - widths[at])] += 1
        free -= 1
    return widths


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the lines of one row, wrapped between words."""
    wrapped = [_wrap(cell, max(width, 1)) for cell, width in zip(row, widths, strict=True)]
    return list(itertools.zip_longest(*wrapped, fillvalue=""))


def _print_blocks(titles: Sequence[str], rows: Sequence[Sequence[str]], console: Console) -> None:
    """Print the first cell of each row as a heading, the others below it; a word longer than a line stays whole."""
    for row in rows:
        console.print(safe(row[0], "bold"), soft_wrap=True)
        for title, cell in zip(titles[1:], row[1:], strict=True):
            for line in _wrap(f"{title}: {cell}", console.width, "  ") if cell else ():
                console.print(safe(line, longest=_NO_TERMINAL), soft_wrap=True)


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    more = indent * 2
    return textwrap.wrap(
        text, width, initial_indent=indent, subsequent_indent=more, break_long_words=False, break_on_hyphens=False
    )
