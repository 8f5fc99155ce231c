"""Programs and libraries that are bound to one machine: licence managers and keys (``identity_bindings.toml``,
product files).
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import KnowledgeTable, read_table
from inventory.products.catalogue import products


class IdentityBinding(KnowledgeTable, frozen=True):
    """A product that knows its machine. ``programs`` and ``libraries`` are patterns of file names."""

    programs: tuple[str, ...]
    what: str
    libraries: tuple[str, ...] = ()
    remedy: str = ""


@lru_cache(maxsize=4)
def _bindings(kind: str) -> tuple[IdentityBinding, ...]:
    if kind == "by_processors":
        licensed = [product for product in products().values() if product.licensed_by_processors]
        return tuple(IdentityBinding(product.programs, product.title) for product in licensed)
    return read_table("identity_bindings.toml", dict[str, tuple[IdentityBinding, ...]])[kind]


@lru_cache(maxsize=8192)
def binding_of_program(kind: str, path: str) -> IdentityBinding | None:
    """Return the entry of a program (path or name) in a table: ``licence_manager``, ``hardware_key`` or
    ``by_processors``.
    """
    name = path.rpartition("/")[2]
    return next((each for each in _bindings(kind) if _any(name, each.programs)), None)


@lru_cache(maxsize=8192)
def binding_of_library(kind: str, path: str) -> IdentityBinding | None:
    """Return the entry of a mapped library in a table."""
    name = path.rpartition("/")[2]
    return next((each for each in _bindings(kind) if _any(name, each.libraries)), None)


def _any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
