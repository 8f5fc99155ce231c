r"""Readers of the tables that Windows answers with: rows of objects, ``wmic /value``, and comma-separated values.

A part of a ``wmi`` question is either what our PowerShell script printed (the names in the first line, then one object
a line, fields between tabs, ``\t \n \r \\`` for what they stand for, ``\a`` between the items of a list, ``\N`` for
nothing) or what ``wmic … /value`` printed (``Name=Value`` lines, objects apart by empty lines). Both give the same
rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.recording import Part
from inventory.section import ParseError

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANING = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
_NAMES = re.compile(r"\w+(?:\t\w+)*", re.ASCII)
_VALUE = re.compile(r"(?P<name>[A-Za-z]\w*)=(?P<value>.*)", re.ASCII)
_DMTF = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{6}))?([+-]\d{3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One object: its properties, and the line of the part (from 1) where it begins. ``part`` names the part."""

    part: str
    line: int
    values: dict[str, str]

    def text(self, name: str) -> str:
        """A property, "" when the object has none."""
        return self.values.get(name, "").strip()

    def items(self, name: str) -> tuple[str, ...]:
        """A property that is a list (``wmic`` writes ``{"a","b"}``)."""
        value = self.values.get(name, "")
        if value.startswith("{") and value.endswith("}"):
            return tuple(re.findall(r'"([^"]*)"', value))
        return tuple(value.split("\a")) if value else ()

    def number(self, name: str) -> int | None:
        """A property that is a whole number; None when there is none."""
        text = self.text(name)
        if not text:
            return None
        if not re.fullmatch(r"-?\d{1,20}", text, re.ASCII):
            unreadable_row(f"{self.part}:{self.line} has no number as {name}")
            return None
        return int(text)

    def flag(self, name: str) -> bool:
        """A property that is true or false."""
        return self.text(name).lower() in ("true", "1")

    def time(self, name: str) -> float | None:
        """A property that is a point in time, in seconds since the epoch; None when there is none."""
        text = self.text(name)
        with skip_row:
            return moment(text, f"{self.part}:{self.line}") if text else None
        return None


def moment(text: str, where: str) -> float:
    """Seconds since the epoch of ``2026-01-31T12:00:00Z`` or DMTF's ``20260131120000.000000+060`` (minutes off UTC)."""
    try:
        if match := _DMTF.fullmatch(text):
            year, month, day, hour, minute, second = (int(piece) for piece in match.groups()[:6])
            local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            return (local - timedelta(minutes=int(match[8]))).timestamp()
        return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError) as error:
        raise ParseError(f"{where} has no point in time") from error


def answered(part: Part | None) -> bool:
    """Whether the host could answer the question: it was asked, and the command did not fail."""
    return part is not None and part.status == 0


def rows(part: Part | None) -> list[TableRow]:
    """The objects of a ``wmi`` question, or of ``bf_rows``; none when it was not answered."""
    if part is None or part.status != 0:
        return []
    lines = part.lines()
    first = next((number for number, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return []
    if _NAMES.fullmatch(lines[first]):
        return list(_copied(part.name, lines, first))
    return list(_listed(part.name, lines))


def _copied(part: str, lines: list[str], first: int) -> Iterator[TableRow]:
    names = lines[first].split("\t")
    for number, line in enumerate(lines[first + 1 :], first + 2):
        if not line:
            continue
        cells = line.split("\t")
        if len(cells) != len(names):
            unreadable_row(f"{part}:{number} has {len(cells)} fields, not {len(names)}")
            continue
        yield TableRow(
            part, number, {name: unescaped(cell) for name, cell in zip(names, cells, strict=True) if cell != "\\N"}
        )


def _listed(part: str, lines: list[str]) -> Iterator[TableRow]:
    """``wmic /value``: an object ends at an empty line; a value may continue on the next line."""
    values: dict[str, str] = {}
    begin, last = 0, ""
    for number, line in enumerate(lines, 1):
        line = line.rstrip("\r")
        match = _VALUE.fullmatch(line)
        if match is not None and match["name"] not in values:
            begin = begin or number
            last = match["name"]
            values[last] = match["value"]
        elif line.strip() and values:
            values[last] += "\n" + line
        elif line.strip():
            unreadable_row(f"{part}:{number} is not a property")
        elif values:
            yield TableRow(part, begin, values)
            values, begin = {}, 0
    if values:
        yield TableRow(part, begin, values)


def unescaped(cell: str) -> str:
    """A field of a row; the items of a list stay apart by a BEL."""
    return _ESCAPE.sub(lambda match: "\a" if match[1] == "a" else _MEANING.get(match[1], match[0]), cell)


def escaped(cell: str) -> str:
    """The inverse of :func:`unescaped`."""
    cell = cell.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return cell.replace("\a", "\\a")


def rewrite_cells(part: Part, change: Callable[[str, bytes], bytes]) -> Part:
    """``part`` with each value put through ``change`` (its name and the value), for redaction.

    A line outside of our tables goes through ``change`` by itself, under the name of the property where it has one.
    """
    lines = part.content.decode("utf-8", "surrogateescape").split("\n")
    names = lines[0].split("\t") if _NAMES.fullmatch(lines[0]) else None
    changed: list[str] = lines[:1] if names else []
    for line in lines[1:] if names else lines:
        cells = line.split("\t")
        if names and len(cells) == len(names):
            changed.append("\t".join(_cell(name, cell, change) for name, cell in zip(names, cells, strict=True)))
        elif match := _VALUE.fullmatch(line.rstrip("\r")):
            changed.append(f"{match['name']}={_through(match['name'], match['value'], change)}")
        else:
            changed.append(_through("", line, change))
    return replace(part, content="\n".join(changed).encode("utf-8", "surrogateescape"))


def _cell(name: str, cell: str, change: Callable[[str, bytes], bytes]) -> str:
    return cell if cell == "\\N" else escaped(_through(name, unescaped(cell), change))


def _through(name: str, value: str, change: Callable[[str, bytes], bytes]) -> str:
    return change(name, value.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def records(part: Part | None) -> list[tuple[int, list[str]]]:
    """The lines of ``/fo csv``, each with its number. A quoted field may hold a newline."""
    if part is None:
        return []
    text = part.content.decode("utf-8", "surrogateescape").replace("\0", "")
    reader = csv.reader(io.StringIO(text, newline=""))
    found: list[tuple[int, list[str]]] = []
    before = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            unreadable_row(f"{part.name}:{before + 1} is not a line of comma-separated values")
            record = []
        if any(field.strip() for field in record):
            found.append((before + 1, record))
        before = reader.line_num
