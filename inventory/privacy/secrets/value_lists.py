"""Secrets in a list of values next to a list of their names: ``INSERT INTO t (user, password) VALUES ('a', 'x')``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets import secret_names
from inventory.privacy.secrets.assignments import holds
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.spans import Span

KIND = "value in a list"

_NAME = rb"[$@`\"'\[]{0,2}[\w.-]{1,64}[`\"'\]]?"
_NAMES = re.compile(
    rb"\(?\s*+(?P<names>" + _NAME + rb"(?:\s*+,\s*+" + _NAME + rb"){1,40}+)\s*+\)?\s*+(?P<sep>VALUES\b|=)\s*+",
    re.IGNORECASE,
)
_BARE = re.compile(rb"[\w.-]+")
_ITEM = re.compile(
    rb"""\s*+(?:\w{1,12}\s*+\(\s*+(?=['"]))?(?:[NnEe]?'(?P<single>(?:[^'\\\n]|\\.|'')*+)'|"(?P<double>(?:[^"\\\n]|\\.)*+)"|(?P<other>[^\s,()'"]++(?:\([^()\n]{0,80}\))?))\s*+\)?\s*+""",
    re.VERBOSE,
)
_ROW = re.compile(rb"\s*+[,(]?\s*+\(")
_MOST_ROWS = 64
_LONGEST = 64 << 10

_CELL = re.compile(rb"\s*+(?:\"(?P<double>(?:[^\"]|\"\")*+)\"|(?P<bare>[^\";,\t|]*+))(?P<end>[;,\t|]|$)")
_HEADING = re.compile(rb"(?:\"?[\w .-]{1,40}\"?\s?[;,\t|]){1,30}\s?\"?[\w .-]{1,40}\"?\s*+")
_MOST_LINES = 2000
_LONGEST_HEADING = 1000

_TOO_COMMON = frozenset([b"secret,", b"token,", b"secret =", b"token =", b"pw =", b"pwd ="])
_ASSIGNED = tuple(
    name + sign for name in b"password pass passwd pwd pw secret token".split() for sign in (b",", b") =", b")=", b" =")
)
TRIGGERS: tuple[bytes, ...] = (
    b"insert into",
    b"replace into",
    *(each for each in _ASSIGNED if each not in _TOO_COMMON),
)


def find(content: bytes, start: int, end: int) -> Iterator[tuple[int, Span]]:
    """The values in the lists that follow a list of names in the line ``start:end``."""
    line = content[start:end]
    into = re.search(rb"\b(?:insert|replace)\s+(?:ignore\s+)?into\s+\S{1,120}?\s*+(?=\()", line, re.IGNORECASE)
    at = start + into.end() if into else start + len(re.match(rb"\s*(?:my|our|local|let|const|var)?\s*", line)[0])  # type: ignore[index]
    named = _NAMES.match(content, at, min(len(content), at + _LONGEST))
    if named is None or named.start("names") >= end:
        return
    strengths = [(name, secret_names.strength(name)) for name in _BARE.findall(named["names"])]
    if all(strength not in (NameStrength.STRONG, NameStrength.KEY) for _, strength in strengths):
        return
    at = named.end()
    for _ in range(_MOST_ROWS if into else 1):
        opened = _ROW.match(content, at, at + 200)
        at = opened.end() if opened else at
        if into and not opened:
            return
        for name, strength in strengths:
            item = _ITEM.match(content, at, min(len(content), at + _LONGEST))
            if item is None:
                return
            group = item.lastgroup or "other"
            secret = strength in (NameStrength.STRONG, NameStrength.KEY) and group != "other"
            if secret and holds(name, strength, item[group]):
                first = content.rfind(b"\n", 0, item.start(group)) + 1
                yield first, Span(item.start(group) - first, item.end(group) - first, KIND, True)
            at = item.end()
            if content[at : at + 1] != b",":
                break
            at += 1
        at = content.find(b")", at - 1, at + 200) + 1 or at


def table(content: bytes) -> Iterator[tuple[int, Span]]:
    """The columns that the first line names after a secret, as spreadsheets write tables: line from 0, and the span."""
    heading = content[: max(content.find(b"\n"), 0)]
    if len(heading) > _LONGEST_HEADING or _HEADING.fullmatch(heading) is None:
        return
    named = [cell["double"] or cell["bare"] or b"" for cell in _cells(heading)]
    columns = [at for at, name in enumerate(named) if secret_names.is_secret(b"_".join(name.split()))]
    if not columns or len(named) < 2:
        return
    for number, line in enumerate(content.split(b"\n")[1:_MOST_LINES], 1):
        cells = list(_cells(line[:_LONGEST]))
        for column in columns if len(cells) == len(named) else ():
            group = "bare" if cells[column]["double"] is None else "double"
            if holds(named[column], NameStrength.STRONG, cells[column][group]):
                yield number, Span(*cells[column].span(group), KIND, True)


def _cells(line: bytes) -> Iterator[re.Match[bytes]]:
    """The fields of a line, each with what ends it."""
    at = 0
    while (cell := _CELL.match(line, at)) is not None:
        yield cell
        at = cell.end()
        if not cell["end"]:
            return
