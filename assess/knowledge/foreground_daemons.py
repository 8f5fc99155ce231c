"""Daemons that a build can keep in the foreground (product files)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

from inventory.products.catalogue import products


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return tuple(
        name for product in products().values() for each in product.foreground for name in product.programs_of(each)
    )


@lru_cache(maxsize=4096)
def stays_in_foreground(program: str) -> bool:
    """Whether the build starts ``program`` (a path or name) with what keeps it in the foreground."""
    name = program.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _names())
