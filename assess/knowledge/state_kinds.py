"""Kinds of state that need more than a volume (``state_kinds.toml``, product files)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from msgspec.structs import replace

from assess.knowledge.data_files import KnowledgeTable, read_table
from inventory.products.catalogue import products


class StateKind(KnowledgeTable, frozen=True):
    """``paths`` are patterns of directories or files; product files add theirs by ``id``."""

    id: str
    paths: tuple[str, ...]
    what: str
    remedy: str


class _StateKinds(KnowledgeTable, frozen=True):
    kind: tuple[StateKind, ...]


@lru_cache(maxsize=1)
def _kinds() -> tuple[StateKind, ...]:
    states = [state for product in products().values() for state in product.state]
    return tuple(
        replace(kind, paths=(*kind.paths, *(path for state in states if state.kind == kind.id for path in state.paths)))
        for kind in read_table("state_kinds.toml", _StateKinds).kind
    )


@lru_cache(maxsize=16384)
def state_kind(path: str) -> StateKind | None:
    """Return the kind of state at ``path``, or in the nearest directory above it that the table lists."""
    while len(path) > 1:
        for kind in _kinds():
            if any(fnmatchcase(path, pattern) for pattern in kind.paths):
                return kind
        path = path.rpartition("/")[0]
    return None
