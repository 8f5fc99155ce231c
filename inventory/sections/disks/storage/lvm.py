"""The metadata of volume groups as LVM keeps it in /etc/lvm/backup, see lvm.conf(5).

The text is nested blocks of ``name { … }`` with ``key = value``; a value is a number, a string in double quotes, or a
list in brackets, which may go over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from inventory.formats.grep_lines import FileLine
from inventory.model.storage import LogicalVolume, PhysicalVolume, VolumeGroup
from inventory.observation import Origin

_SECTOR = 512
_PIECE = re.compile(r'#.*|"(?P<string>(?:[^"\\]|\\.)*+)"?|(?P<sign>[{}\[\]=,])|(?P<word>[^\s{}\[\]=,"#]+)')
_DEEPEST = 12


@dataclass
class _LvmBlock:
    """A block: values by key (lists flattened to their words), and blocks by name, with the line of each."""

    line: int
    values: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[str, _LvmBlock] = field(default_factory=dict)

    def text(self, key: str) -> str:
        return next(iter(self.values.get(key, ())), "")

    def number(self, key: str) -> int:
        text = self.text(key)
        return int(text) if text.isascii() and text.isdigit() else 0

    def inner(self, name: str) -> Mapping[str, _LvmBlock]:
        block = self.blocks.get(name)
        return block.blocks if block else {}


def volume_group(rows: Iterable[FileLine], section: str, part: str) -> VolumeGroup | None:
    """The group of one file; None when there is none in it."""
    top = _parsed(rows)
    for name, group in top.blocks.items():
        if "extent_size" not in group.values:
            continue
        extent = group.number("extent_size") * _SECTOR
        physical = tuple(
            PhysicalVolume(each.text("device"), each.text("id"), each.number("dev_size") * _SECTOR)
            for each in group.inner("physical_volumes").values()
        )
        logical = tuple(
            _logical(volume, each, extent, Origin(section, part, each.line))
            for volume, each in group.inner("logical_volumes").items()
        )
        clustered = "CLUSTERED" in group.values.get("status", ()) or group.text("lock_type") in (
            "dlm",
            "sanlock",
            "clvm",
        )
        return VolumeGroup(name, group.text("id"), clustered, physical, logical, Origin(section, part, group.line))
    return None


def _logical(name: str, block: _LvmBlock, extent: int, origin: Origin) -> LogicalVolume:
    segments = [each for key, each in block.blocks.items() if key.startswith("segment")]
    kinds = dict.fromkeys(each.text("type") for each in segments if each.text("type"))
    kind = next(iter(kinds), "")
    if kind == "striped" and all(each.number("stripe_count") <= 1 for each in segments):
        kind = "linear"
    return LogicalVolume(
        name, block.text("id"), kind, sum(each.number("extent_count") for each in segments) * extent, origin
    )


def _parsed(rows: Iterable[FileLine]) -> _LvmBlock:
    """The outermost block. Whatever does not fit the grammar is passed over: the file is only evidence."""
    top = _LvmBlock(0)
    stack = [top]
    name, key, listed = "", "", False
    for number, piece, quoted in _pieces(rows):
        if quoted or piece not in ("{", "}", "[", "]", "=", ","):
            if key:
                stack[-1].values.setdefault(key, []).append(piece)
                key = key if listed else ""
            else:
                name = piece
        elif piece == "=":
            key, name = name, ""
            stack[-1].values.pop(key, None)
        elif piece == "[":
            listed = True
        elif piece == "]":
            key, listed = "", False
        elif piece == "{" and len(stack) < _DEEPEST:
            block = _LvmBlock(number)
            stack[-1].blocks[name] = block
            stack.append(block)
            name = key = ""
        elif piece == "}" and len(stack) > 1:
            stack.pop()
            name = key = ""
    return top


def _pieces(rows: Iterable[FileLine]) -> Iterator[tuple[int, str, bool]]:
    for row in rows:
        for match in _PIECE.finditer(row.text):
            if match["string"] is not None:
                yield row.number, match["string"].replace('\\"', '"').replace("\\\\", "\\"), True
            elif match["sign"] or match["word"]:
                yield row.number, match["sign"] or match["word"], False
