"""Quirks of single programs (product files, ``program_quirks.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from assess.knowledge.data_files import data_toml
from inventory.products.catalogue import products


@dataclass(frozen=True, slots=True)
class ProgramQuirk:
    """``versions`` are beginnings of versions, () for all."""

    programs: tuple[str, ...]
    versions: tuple[str, ...]
    what: str
    remedy: str


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[ProgramQuirk, ...]]:
    everything = products().values()
    names = {kind: tuple(programs) for kind, programs in data_toml("program_quirks.toml").items()}
    names["started_by_others"] += tuple(name for product in everything for name in product.started_by_others)
    return {
        "closes_all_descriptors": tuple(
            ProgramQuirk(product.programs_of(each), each.versions, "", "")
            for product in everything
            if (each := product.closes_descriptors) is not None
        ),
        "sizes_by_machine": tuple(
            ProgramQuirk(product.programs_of(sized), (), product.title, sized.remedy)
            for product in everything
            if (sized := product.sized_by_machine) is not None
        ),
        **{kind: (ProgramQuirk(programs, (), "", ""),) for kind, programs in names.items()},
    }


@lru_cache(maxsize=8192)
def program_quirk(kind: str, program: str) -> ProgramQuirk | None:
    """Return the quirk of ``program`` (path or name) of one ``kind``."""
    name = program.rpartition("/")[2]
    return next((each for each in _table()[kind] if any(fnmatchcase(name, pattern) for pattern in each.programs)), None)
