"""Kernel releases as numbers that can be compared."""

from __future__ import annotations

import re

_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


def release_number(release: str) -> tuple[int, int, int] | None:
    """``5.10.0-28-amd64`` as (5, 10, 0); None when it has no number."""
    match = _RELEASE.match(release)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def written(number: tuple[int, ...]) -> str:
    """(3, 2, 0) as ``3.2.0``."""
    return ".".join(str(part) for part in number)
