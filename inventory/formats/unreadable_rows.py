"""Rows of an answer that a parser cannot read: each costs only itself, and the section says how many there were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Final

from inventory.observation import Gap


class ParseError(ValueError):
    """Text that a parser cannot read, with its place: one row (see :func:`skip_unreadable`), or the whole answer."""


class UnreadableRows:
    """The number of skipped rows, and what was wrong with the first one."""

    def __init__(self) -> None:
        self.count = 0
        self.first = ""

    def add(self, words: str) -> None:
        """Count a row."""
        self.count += 1
        self.first = self.first or words

    def gaps(self) -> tuple[Gap, ...]:
        """The gap that they leave in the answer."""
        if not self.count:
            return ()
        rows = "1 row" if self.count == 1 else f"{self.count} rows"
        return (Gap(rows, f"unknown format: {self.first}"),)


_counted: ContextVar[UnreadableRows | None] = ContextVar("odd_rows", default=None)


@contextmanager
def skip_unreadable() -> Iterator[UnreadableRows]:
    """Within, rows that cannot be read are passed over and counted. Elsewhere the first one raises ParseError."""
    rows = UnreadableRows()
    token = _counted.set(rows)
    try:
        yield rows
    finally:
        _counted.reset(token)


def unreadable_row(words: str) -> None:
    """Count a row that the caller then passes over; raises ParseError where rows are not passed over."""
    rows = _counted.get()
    if rows is None:
        raise ParseError(words)
    rows.add(words)


class _SkipRow:
    """Ends the work on a row that turns out to be unreadable."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> bool:
        rows = _counted.get()
        if rows is None or not isinstance(error, ParseError):
            return False
        rows.add(str(error))
        return True


skip_row: Final = _SkipRow()
"""``with one_row:`` around the work on one row: a ParseError in it costs only that row, where rows are passed over."""
