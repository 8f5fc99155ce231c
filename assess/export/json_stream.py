"""JSON of any size: lists are written while they are made. The text is that of ``json.dumps`` with an indent of 2."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from inventory.formats.fact_json import to_json

_INDENT = "  "


def document_text(document: Any, indent: int = 2) -> str:
    """A whole document."""
    return _text(document, 0, indent)


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


def _text(value: Any, depth: int, indent: int = len(_INDENT)) -> str:
    r"""One value. JSON escapes the newlines in a text, so every line break of the value can be indented further.

    Bytes that are not UTF-8 (surrogates) become ``\xff``: a strict reader would reject the whole document.
    """
    plain = msgspec.to_builtins(value)
    text = json.dumps(plain)
    if "\\ud" in text:
        text = json.dumps(to_json(plain))
    try:
        text = msgspec.json.format(text, indent=indent)
    except msgspec.DecodeError:  # NaN, which Python writes and reads
        text = json.dumps(plain, indent=indent)
    return text.replace("\n", "\n" + _INDENT * depth)
