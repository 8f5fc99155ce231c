"""The pieces that searches for a value below its name share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets.assignments import holds
from inventory.privacy.secrets.secret_names import NameStrength
from inventory.privacy.secrets.spans import Span

Found = Iterator[tuple[int, Span]]
"""The start of a line, and a span in it."""

NEAR = 3
"""Lines in which the two halves of one entry are."""
BLOCK = 40
"""Lines of a block."""
CONTINUED = "value of a continued line"


def held(at: int, match: re.Match[bytes], name: bytes, promised: NameStrength, kind: str) -> Found:
    """The group of ``match`` that holds the value, when it is a secret under this name."""
    for group in ("value", "double", "single", "bare"):
        if (value := match.groupdict().get(group)) is not None:
            if holds(name, promised, value, literal=group != "bare"):
                first, last = match.span(group)
                first += len(value) - len(value.lstrip())
                last -= len(value) - len(value.rstrip(b", \t\r" if group == "bare" else None))
                yield at, Span(first, last, kind, group != "bare" or not kind.startswith("value of "))
            return


def following_lines(content: bytes, at: int, most: int) -> Iterator[tuple[int, bytes]]:
    """The starts of the next lines, and the lines themselves."""
    for _ in range(most):
        if at >= len(content):
            return
        end = content.find(b"\n", at)
        end = len(content) if end < 0 else end
        yield at, content[at : min(end, at + 4096)]
        at = end + 1
