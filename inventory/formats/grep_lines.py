"""Contents of several files as ``grep -aH '' FILE ...`` prints them: each line after ``FILE:``.

Only for files whose names hold neither a colon nor a newline (the fragments leave others out), so that the name ends at
the first colon.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.recording import Part
from inventory.section import Redact


class FileLine(NamedTuple):
    """A line of a file. ``number`` counts the lines of the part, ``line`` those of the file that were sent; from 1."""

    path: str
    text: str
    number: int
    line: int


def file_lines(part: Part | None) -> Iterator[FileLine]:
    """The lines of ``part``, with the file of each."""
    path = ""
    count = 0
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        name, colon, text = line.decode("utf-8", "surrogateescape").partition(":")
        if part is None or not colon or not name.startswith("/"):
            unreadable_row(f"{part.name if part else ''}:{number} names no file")
            continue
        count = count + 1 if name == path else 1
        path = name
        yield FileLine(path, text, number, count)


def rewrite_files(part: Part, change: Callable[[bytes, bytes], bytes]) -> Part:
    """``part`` with the whole content of each file put through ``change``, which is given the path too and keeps the
    number of lines.

    For redaction: a secret may go over several lines, and what is secret may depend on how a line begins.
    """
    pieces = [line.partition(b":") for line in part.content.split(b"\n")]
    lines: list[bytes] = []
    for name, group in groupby(pieces, key=lambda piece: piece[0] + piece[1]):
        texts = [text for _, _, text in group]
        if name.endswith(b":"):
            lines += [name + text for text in change(name[:-1], b"\n".join(texts)).split(b"\n")]
        else:
            lines += [change(b"", name)] * len(texts)
    return replace(part, content=b"\n".join(lines))


def redact_files(part: Part, redact: Redact) -> Part:
    """``part`` with each file redacted by itself."""
    return rewrite_files(part, lambda path, content: redact.within(path).text(content))
