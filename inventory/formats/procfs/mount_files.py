"""Files beside the table of mounts: exports, maps of autofs, and /proc/swaps, as ``grep -aH ''`` prints them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from inventory.formats.grep_lines import FileLine
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.mounts import AutomountEntry, Export, Swap
from inventory.observation import Origin

_ESCAPE = re.compile(r"\\([0-7]{3})")
_EXPORT = re.compile(r'(?:"(?P<quoted>[^"]*)"|(?P<plain>\S++))\s*+(?P<clients>.*)')
_CLIENT = re.compile(r"(?P<name>[^\s(]*)(?:\((?P<options>[^()]*)\))?")
_OPTION = re.compile(r'(?:[^,"]|"[^"]*+"?+)++')
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def plain(text: str) -> str:
    r"""Undo the octal escapes (``\040``) of fstab, mountinfo and exports."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8) & 0xFF), text)


def mount_options(text: str) -> tuple[str, ...]:
    """Options between commas; within quotes a comma separates nothing: ``context="system_u:…:s0:c50,c281"``."""
    return tuple(_OPTION.findall(text))


def joined(rows: Iterable[FileLine]) -> Iterator[tuple[FileLine, str]]:
    """Lines without comments, with those put together that end in a backslash; the first of them is the line."""
    first: FileLine | None = None
    text = ""
    for row in rows:
        if first is not None and row.path != first.path:
            yield first, text
            first, text = None, ""
        first = first or row
        piece = row.text.strip()
        if piece.startswith("#") and not text:
            first = None
            continue
        goes_on = piece.endswith("\\")
        text += piece.removesuffix("\\") + (" " if goes_on else "")
        if not goes_on:
            if text.strip():
                yield first, text.strip()
            first, text = None, ""
    if first is not None and text.strip():
        yield first, text.strip()


def exports(rows: Iterable[FileLine], section: str, part: str) -> Iterator[Export]:
    """A directory, then clients with options in parentheses; ``-options`` before a client hold for those that follow.

    See the manual page exports of section 5.
    """
    for row, text in joined(rows):
        match = _EXPORT.fullmatch(text)
        if match is None:
            continue
        directory = plain(match["quoted"] if match["quoted"] is not None else match["plain"])
        common: tuple[str, ...] = ()
        origin = Origin(section, part, row.number)
        any_client = False
        for client in _CLIENT.finditer(match["clients"].partition("#")[0]):
            name, options = client["name"], client["options"]
            if not client.group():
                continue
            if name.startswith("-"):
                common = tuple(name[1:].split(","))
                continue
            any_client = True
            given = tuple(option.strip() for option in (options or "").split(",") if option.strip())
            yield Export(directory, name or "*", (*common, *given), origin)
        if not any_client:
            yield Export(directory, "*", common, origin)


def automounts(rows: Iterable[FileLine], section: str, part: str) -> Iterator[AutomountEntry]:
    """Maps of autofs. What follows the location of a master map's line are options."""
    for row, text in joined(rows):
        words = text.split()
        origin = Origin(section, part, row.number)
        if words[0].startswith("+"):
            yield AutomountEntry(row.path, words[0], "", "", origin)
        elif len(words) > 1 and (row.path.endswith("auto.master") or ".autofs" in row.path):
            yield AutomountEntry(row.path, words[0], " ".join(words[2:]), words[1], origin)
        elif len(words) > 1:
            options = words[1][1:] if words[1].startswith("-") else ""
            location = " ".join(words[2:] if options else words[1:])
            if location:
                yield AutomountEntry(row.path, words[0], options, location, origin)


def swaps(rows: Iterable[FileLine], section: str, part: str) -> Iterator[Swap]:
    """/proc/swaps, sizes in KiB. Raises ParseError."""
    for row in rows:
        if row.text.startswith("Filename"):
            continue
        # From the right: a path may hold blanks.
        path, *words = row.text.rsplit(None, 4)[:5] or [""]
        if len(words) != 4 or not all(map(_NUMBER.fullmatch, words[1:])):
            unreadable_row(f"line {row.line} of /proc/swaps is not a swap area")
            continue
        kind, size, used, priority = words
        yield Swap(
            path=plain(path),
            kind=kind,
            size_bytes=int(size) * 1024,
            used_bytes=int(used) * 1024,
            priority=int(priority),
            origin=Origin(section, part, row.number),
        )
