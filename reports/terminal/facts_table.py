"""The facts of one section on a terminal: a table for each kind of fact."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from inventory.formats.fact_json import to_json
from inventory.history.fact_keys import kind_of
from inventory.observation import Origin
from reports.view.visible_text import shown

ROWS = 60
"""Rows of one kind that a terminal shows; ``--json`` has all."""

_COLUMNS = 6
_CELL = 80


def print_facts(value: Any, console: Console) -> None:
    """Everything in a section's value. Into a pipe goes every row and nothing is folded."""
    printed = [_print_kind(kind, facts, console) for kind, facts in _kinds(value)]
    if not any(printed):
        console.print("none")


def _kinds(value: Any) -> Iterator[tuple[str, Sequence[Any]]]:
    """Facts of one type together: the value's own plain fields first, then each list in it."""
    if isinstance(value, tuple):
        if value:
            yield kind_of(type(value[0])), value
        return
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return
    yield kind_of(type(value)), [value]
    for field in dataclasses.fields(value):
        content = getattr(value, field.name)
        if _is_list_of_facts(content):
            yield field.name.replace("_", " "), content


def _is_list_of_facts(content: Any) -> bool:
    return (
        isinstance(content, tuple)
        and not isinstance(content, Origin)
        and bool(content)
        and all(dataclasses.is_dataclass(each) for each in content)
    )


def _print_kind(kind: str, facts: Sequence[Any], console: Console) -> bool:
    """Print facts of one kind; False when they have nothing to show."""
    if len(facts) == 1:
        return _print_one(kind, facts[0], console)
    console.print()
    console.print(Text(f"{kind}: {len(facts):,}", style="bold"))
    names = [field.name for field in dataclasses.fields(facts[0]) if field.name != "origin"]
    # A column that is alike for all says nothing about any; it is said once.
    telling = [name for name in names if len({repr(getattr(fact, name, None)) for fact in facts}) > 1]
    columns = (telling or names)[:_COLUMNS]
    alike = {name: getattr(facts[0], name, None) for name in names if telling and name not in telling}
    said = ", ".join(
        f"{name.replace('_', ' ')} {_cell(value).plain}" for name, value in alike.items() if value not in (None, "", ())
    )
    if said:
        console.print(Text(f"all: {said}", style="dim"))
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    most = ROWS if console.is_terminal else len(facts)
    for fact in facts[:most]:
        table.add_row(*(_cell(getattr(fact, name, None)) for name in columns))
    console.print(table)
    if len(facts) > most:
        console.print(Text(f"… {len(facts) - most:,} more; use --json for all", style="dim"))
    return True


def _print_one(kind: str, fact: Any, console: Console) -> bool:
    rows = [
        (field.name.replace("_", " "), getattr(fact, field.name))
        for field in dataclasses.fields(fact)
        if field.name != "origin" and not _is_list_of_facts(getattr(fact, field.name))
    ]
    rows = [(name, value) for name, value in rows if value != ()]
    if not rows:
        return False
    console.print()
    console.print(Text(kind, style="bold"))
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, _cell(value, 600))
    console.print(table)
    return True


def _cell(value: Any, longest: int = _CELL) -> Text:
    return Text(shown(_words(to_json(value)), longest))


def _words(value: Any) -> str:
    if value is None:
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_words(each) if not isinstance(each, list) else "=".join(map(_words, each)) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={_words(each)}" for name, each in value.items() if name != "origin")
    return str(value)
