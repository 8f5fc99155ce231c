"""Behaviour of single programs that can hardly be observed from outside (``process_habits.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_toml


@dataclass(frozen=True, slots=True)
class ProgramQuirk:
    """``versions`` are beginnings of versions, () for all."""

    programs: tuple[str, ...]
    versions: tuple[str, ...]
    what: str
    remedy: str


_NAMES_ALONE = ("foreign_interpreters", "started_by_others", "no_handler_of_sigterm")


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[ProgramQuirk, ...]]:
    table = data_toml("program_quirks.toml")
    return {
        kind: tuple(
            ProgramQuirk(
                tuple(each["programs"]), tuple(each.get("versions", ())), each.get("what", ""), each.get("remedy", "")
            )
            for each in entries
        )
        for kind, entries in table.items()
        if kind not in _NAMES_ALONE
    } | {kind: (ProgramQuirk(tuple(table[kind]), (), "", ""),) for kind in _NAMES_ALONE}


@lru_cache(maxsize=8192)
def program_quirk(kind: str, program: str) -> ProgramQuirk | None:
    """Return the entry of ``program`` (path or name) in ``kind``, a table of the file."""
    name = program.rpartition("/")[2]
    return next((each for each in _table()[kind] if any(fnmatchcase(name, pattern) for pattern in each.programs)), None)
