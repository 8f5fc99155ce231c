"""Daemons that a build can keep in the foreground (``foreground.toml``)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_toml


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(name for row in data_toml("foreground.toml")["program"] for name in row["names"])


@lru_cache(maxsize=4096)
def stays_in_foreground(program: str) -> bool:
    """Whether the build starts ``program`` (a path or name) with what keeps it in the foreground."""
    name = program.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _names())
