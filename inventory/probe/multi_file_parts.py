"""The parts that one command says of several files, each line behind its path (``parts`` of a fragment)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from inventory.recording import Part

_PATH = re.compile(rb"(?m)^/[^:\n]*:")


def split_parts(part: Part) -> list[Part]:
    """The parts that one command printed, each line behind its path (see ``parts`` in :mod:`inventory.section`).

    No line of a file can be at the beginning of a line here, so a file cannot pretend to be another. A missing file is
    an empty part with a status other than 0; where the answer was cut off, what follows is missing.
    """
    if not part.name.startswith("@"):
        return [part]
    content = part.content
    begins: list[tuple[str, int]] = []
    at = 0
    for name, paths in _wanted(part.name):
        first = min((begin for path in paths if (begin := path.first(content, at)) >= 0), default=-1)
        at = max(at, first)
        begins.append((name, first))
    found: list[Part] = []
    for number, (wanted, begin) in enumerate(begins):
        name = wanted.lstrip("@")
        following = [start for _, start in begins[number + 1 :] if start >= 0]
        last = not following
        if begin < 0:
            if not (part.truncated and last):
                found.append(Part(name, b"", part.status or 1))
            continue
        lines = content[begin : following[0] if following else len(content)]
        text = _without_paths(lines) if wanted.startswith("@") else lines
        found.append(Part(name, text, part.status if part.truncated and last else 0, part.truncated and last))
    return found


def _without_paths(lines: bytes) -> bytes:
    """The contents of the files. Nearly always it is one file, and then its path is known."""
    path = lines[: lines.find(b":") + 1]
    if lines.count(b"\n" + path) + 1 == lines.count(b"\n") + (not lines.endswith(b"\n")):
        return lines.replace(b"\n" + path, b"\n")[len(path) :]
    return _PATH.sub(b"", lines)


class _Paths(NamedTuple):
    """Paths with a ``*`` for anything but a colon. ``known`` is the longest piece of them without one.

    ``before``: text may precede the path.
    """

    known: bytes
    before: bool
    pattern: re.Pattern[bytes]

    def first(self, content: bytes, at: int) -> int:
        """The position where the first line of such a file begins, from the beginning of a line on; -1: nowhere.

        Searching for the known piece is ten times as fast as trying each line.
        """
        while (found := content.find(self.known, at)) >= 0:
            begin = max(content.rfind(b"\n", at, found) + 1, at) if self.before else found
            if (begin == 0 or content[begin - 1 : begin] == b"\n") and self.pattern.match(content, begin):
                return begin
            end = content.find(b"\n", found)
            if end < 0:
                return -1
            at = end + 1
        return -1


@lru_cache(maxsize=256)
def _wanted(names: str) -> tuple[tuple[str, tuple[_Paths, ...]], ...]:
    """Each of ``@NAME=PATH|PATH,NAME``, with its paths. All hosts are asked for the same."""
    found = []
    for wanted in names[1:].split(","):
        name, _, paths = wanted.partition("=")
        found.append((name, tuple(_paths(path) for path in (paths or f"*/{name.lstrip('@')}").split("|"))))
    return tuple(found)


def _paths(path: str) -> _Paths:
    pieces = path.split("*")
    longest = max(range(len(pieces)), key=lambda at: len(pieces[at]))
    # Each * may be tried with each other; none of ours has more.
    pattern = r"[^:\n]*".join(map(re.escape, pieces)) + ":" if len(pieces) <= 3 else "(?!)"
    known = pieces[longest] + ":" * (longest == len(pieces) - 1)
    return _Paths(known.encode(), longest > 0, re.compile(pattern.encode()))
