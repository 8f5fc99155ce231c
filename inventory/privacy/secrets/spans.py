"""A place in a line that holds a secret."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """Bytes ``start:end`` of a line. ``kind`` names the form in words; ``literal``: the value is written out so that it
    cannot be an expression of a program (quoted, or of an unmistakable shape).
    """

    start: int
    end: int
    kind: str
    literal: bool
