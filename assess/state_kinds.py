"""State that needs more than a volume (``state_kinds.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class StateKind:
    """``paths`` are patterns of directories or files."""

    paths: tuple[str, ...]
    what: str
    remedy: str


@lru_cache(maxsize=1)
def _table() -> tuple[StateKind, ...]:
    text = resources.files("assess").joinpath("data", "state_kinds.toml").read_text(encoding="utf-8")
    return tuple(StateKind(tuple(each["paths"]), each["what"], each["remedy"]) for each in tomllib.loads(text)["kind"])


@lru_cache(maxsize=16384)
def state_kind(path: str) -> StateKind | None:
    """What lies at ``path``, or in the nearest directory above it that the table knows."""
    while len(path) > 1:
        for kind in _table():
            if any(fnmatchcase(path, pattern) for pattern in kind.paths):
                return kind
        path = path.rpartition("/")[0]
    return None
