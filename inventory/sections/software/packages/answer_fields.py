"""The pieces that the answers of all package managers are read with."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.recording import Part

NAME = "packages"


def rows(part: Part, fields: Collection[int]) -> Iterator[tuple[int, list[str]]]:
    """Lines of tab-separated fields, with their number. A recording of an older probe has fewer fields in each."""
    for number, line in enumerate(whole_lines(part), 1):
        row = line.decode("utf-8", "surrogateescape").split("\t")
        if len(row) not in fields:
            unreadable_row(f"{part.name}:{number} has {len(row)} fields, not {' or '.join(map(str, fields))}")
            continue
        yield number, row


def size(text: str, part: Part, number: int) -> int:
    """A size as written; 0 for a field that a very old package lacks."""
    if text in ("", "(none)"):
        return 0
    if not is_number(text):
        unreadable_row(f"{part.name}:{number} has no size")
        return 0
    return int(text)


def seconds(text: str) -> int | None:
    """A time in seconds since the epoch; None for anything else, such as the empty field of an old package manager."""
    return int(text) if is_number(text) else None


def is_number(text: str) -> bool:
    """Digits, and no more of them than a number of 64 bits has."""
    return text.isascii() and text.isdigit() and len(text) < 20


def fields_of(part: Part) -> Iterator[tuple[int, dict[str, str]]]:
    """Paragraphs of ``Name: value`` lines, with the number of the first line of each; ``Package`` begins another.

    An empty line may separate them.
    """
    found: dict[str, str] = {}
    start = 0
    for number, line in enumerate(whole_lines(part), 1):
        if not line:
            continue
        name, colon, value = line.decode("utf-8", "surrogateescape").partition(": ")
        if not colon:
            unreadable_row(f"{part.name}:{number} is not a field")
            continue
        if name == "Package":
            if found:
                yield start, found
            found, start = {}, number
        elif not found:
            unreadable_row(f"{part.name}:{number} is of no package")
            continue
        found[name] = value
    if found:
        yield start, found
