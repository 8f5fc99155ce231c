"""Building blocks of a detail: titled lists and tables of cells, laid out by the template and the script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from reports.view.labels import Label, count, host_link, workload_link

T = TypeVar("T")

STATIC_ROWS = 200
"""Most rows of one list that are written into the static page. The table of the script has them all."""

CellKind = Literal["text", "mono", "number", "link", "word"]
BlockKind = Literal["table", "stacked", "list", "facts", "checks"]
"""``stacked`` is a table of sentences: where the page is narrow, each of its rows is a card."""


class Cell(NamedTuple):
    """``extra`` is the link's target, or the key of the word. A named tuple, because an estate has millions of them."""

    text: str
    kind: CellKind = "text"
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """``note`` says what is missing or how to read it. A row of ``facts`` is (name, value); of ``checks``
    (name, verdict, expected, actual, detail lines …).
    """

    title: str
    kind: BlockKind
    rows: tuple[tuple[Cell, ...], ...]
    head: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class CellListing(Generic[T]):
    """A list of which the static page shows the first rows, and says so. ``order`` says which come first."""

    rows: Sequence[T]
    one: str
    order: str = ""
    many: str = ""
    limit: int = STATIC_ROWS

    @property
    def shown(self) -> Sequence[T]:
        """The rows of the static page."""
        return self.rows[: self.limit]

    @property
    def total(self) -> int:
        """The number of rows."""
        return len(self.rows)

    @property
    def note(self) -> str:
        """A note about rows that were left out; "" for none."""
        if self.total <= self.limit:
            return ""
        first = f", {self.order} first" if self.order else ""
        return f"Showing {self.limit:,} of {count(self.total, self.one, self.many)}{first}."


def text(value: object) -> Cell:
    """Words."""
    return Cell(str(value))


def mono(value: object) -> Cell:
    """A path, a command, an address."""
    return Cell(str(value), "mono")


def number(value: object) -> Cell:
    """Something to be right-aligned."""
    return Cell(str(value), "number")


def word(value: Label) -> Cell:
    """A verdict or state with its shape."""
    return Cell(value.label, "word", value.key)


def workload(workload_id: str) -> Cell:
    """A link to a workload."""
    return Cell(workload_id, "link", workload_link(workload_id))


def host(name: str) -> Cell:
    """A link to a host."""
    return Cell(name, "link", host_link(name))


def limited(rows: Iterable[tuple[Cell, ...]], what: str, most: int = 60) -> tuple[tuple[tuple[Cell, ...], ...], str]:
    """The first ``most`` rows, and the sentence that says how many there are when that is not all."""
    every = tuple(rows)
    if len(every) <= most:
        return every, ""
    return every[:most], f"Showing {most:,} of {len(every):,} {what}. The export contains all of them."
