"""Programs and libraries that are bound to one machine: licence managers and keys (``identity_bindings.toml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_toml


@dataclass(frozen=True, slots=True)
class IdentityBinding:
    """A product that knows its machine. ``programs`` and ``libraries`` are patterns of file names."""

    programs: tuple[str, ...]
    libraries: tuple[str, ...]
    what: str
    remedy: str


@lru_cache(maxsize=1)
def _table() -> Mapping[str, tuple[IdentityBinding, ...]]:
    return {
        kind: tuple(
            IdentityBinding(
                tuple(each["programs"]), tuple(each.get("libraries", ())), each["what"], each.get("remedy", "")
            )
            for each in entries
        )
        for kind, entries in data_toml("identity_bindings.toml").items()
    }


@lru_cache(maxsize=8192)
def binding_of_program(kind: str, path: str) -> IdentityBinding | None:
    """Return the entry of a program (path or name) in a table: ``licence_manager``, ``hardware_key`` or
    ``by_processors``.
    """
    name = path.rpartition("/")[2]
    return next((each for each in _table()[kind] if _any(name, each.programs)), None)


@lru_cache(maxsize=8192)
def binding_of_library(kind: str, path: str) -> IdentityBinding | None:
    """Return the entry of a mapped library in a table."""
    name = path.rpartition("/")[2]
    return next((each for each in _table()[kind] if _any(name, each.libraries)), None)


def _any(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
