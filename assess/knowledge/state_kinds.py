"""Kinds of state that need more than a volume (``state_kinds.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_toml


@dataclass(frozen=True, slots=True)
class StateKind:
    """``paths`` are patterns of directories or files."""

    paths: tuple[str, ...]
    what: str
    remedy: str


@lru_cache(maxsize=1)
def _table() -> tuple[StateKind, ...]:
    return tuple(
        StateKind(tuple(each["paths"]), each["what"], each["remedy"]) for each in data_toml("state_kinds.toml")["kind"]
    )


@lru_cache(maxsize=16384)
def state_kind(path: str) -> StateKind | None:
    """Return the kind of state at ``path``, or in the nearest directory above it that the table lists."""
    while len(path) > 1:
        for kind in _table():
            if any(fnmatchcase(path, pattern) for pattern in kind.paths):
                return kind
        path = path.rpartition("/")[0]
    return None
