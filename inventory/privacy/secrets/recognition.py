"""The secrets that a text file shows, stricter than redaction: a file with one is left out of images whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from inventory.privacy.secrets.scanner import scan
from inventory.privacy.secrets.secret_verdict import SecretJudge


class SecretHit(NamedTuple):
    """A secret in a file: its line, counted from 1, and its form. Never the value."""

    line: int
    kind: str


def finds(content: bytes, path: str, *, code: bool | None = None) -> tuple[SecretHit, ...]:
    """The places where a file shows secrets, the first of each line. See :func:`recognised`."""
    hits: dict[int, SecretHit] = {}
    for hit, _ in recognised(content, path, code=code):
        hits.setdefault(hit.line, hit)
    return tuple(hits.values())


def recognised(content: bytes, path: str, *, code: bool | None = None) -> Iterator[tuple[SecretHit, bytes]]:
    """The secrets of a file with their values. Stricter than redaction: a program's expressions, form labels and the
    placeholders of documentation do not count, since a file with a hit is left out of images whole.

    ``code``: whether the file is a program, where that is known; otherwise its name and first line decide.
    """
    if b"\0" in content[:8192]:
        return
    shown = list(scan(content, path))
    if not shown:
        return
    judge = SecretJudge.of(content, path, code=code)
    lines = content.split(b"\n")
    for index, spans in shown:
        for span in sorted(spans):
            if judge.convinced_by(lines[index], span):
                yield SecretHit(index + 1, span.kind), lines[index][span.start : span.end].strip()
