"""JSON of any size: lists are written while they are made. The text is that of ``json.dumps`` with an indent of 2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

_INDENT = "  "


def write_json(fields: Iterable[tuple[str, Any]], write: Callable[[str], object]) -> None:
    """Write an object of these fields; a value that is an iterator becomes a list of what it yields."""
    before = "{\n"
    for name, value in fields:
        write(f"{before}{_INDENT}{json.dumps(name)}: ")
        if isinstance(value, Iterator):
            _write_list(value, write)
        else:
            write(_text(value, 1))
        before = ",\n"
    write("{}" if before == "{\n" else "\n}")


def _write_list(values: Iterator[Any], write: Callable[[str], object]) -> None:
    before = "[\n"
    for value in values:
        write(f"{before}{_INDENT * 2}{_text(value, 2)}")
        before = ",\n"
    write("[]" if before == "[\n" else f"\n{_INDENT}]")


def _text(value: Any, depth: int) -> str:
    """One value; no text in JSON has a newline of its own, so all of them can be indented further."""
    plain = json.dumps(value)
    try:
        text = msgspec.json.format(plain, indent=len(_INDENT))
    except msgspec.DecodeError:
        # A lone surrogate, which JSON can write and a strict reader refuses.
        text = json.dumps(value, indent=len(_INDENT))
    return text.replace("\n", "\n" + _INDENT * depth)
