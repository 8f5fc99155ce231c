"""Bytes of a host as text in a sentence: one line, no control characters, not too long."""

from __future__ import annotations


def printable(said: bytes | str, limit: int = 200) -> str:
    """``said`` on one line; control and format characters (terminal escapes, bidi marks) are dropped."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    words = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def last_line(said: bytes, limit: int = 200) -> str:
    """The last line of ``said`` that is not empty: where programs print their error."""
    lines = [words for line in said[-65536:].splitlines() if (words := printable(line, limit))]
    return lines[-1] if lines else ""
