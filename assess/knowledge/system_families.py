"""Families of operating systems, and how far verdicts are proven on each (``system_families.toml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from assess.knowledge.data_files import data_toml
from inventory.model.system import Distribution
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SystemFamily:
    """A row. ``cap`` is the highest confidence of a verdict, 0.0-1.0; ``reason`` why, "" where there is no cap.

    ``ids`` are those of os-release, () for all; with ``exact`` not those of ID_LIKE. ``least`` is the least major
    version, 0 for all; ``platform`` "" for all.
    """

    name: str
    cap: float
    proven: str
    reason: str
    platform: str
    ids: frozenset[str]
    exact: bool
    least: int

    def fits(self, platform: str, distribution: Distribution | None) -> bool:
        """Whether a host is of it."""
        if self.platform:
            return platform == self.platform
        if not self.ids:
            return True
        if distribution is None:
            return False
        own = {distribution.id} if self.exact else {distribution.id, *distribution.like}
        return bool(own & self.ids) and _major(distribution.version) >= self.least


@lru_cache(maxsize=1)
def families() -> tuple[SystemFamily, ...]:
    """The table, in its order. The last fits every host."""
    return tuple(
        SystemFamily(
            name=row["name"],
            cap=float(row["cap"]),
            proven=row["proven"],
            reason=row["reason"],
            platform=row.get("platform", ""),
            ids=frozenset(row.get("ids", ())),
            exact=row.get("exact", False),
            least=row.get("from", 0),
        )
        for row in data_toml("system_families.toml")["family"]
    )


def family_of(snapshot: Snapshot) -> SystemFamily:
    """The family of a host."""
    system = value_or_none(snapshot.system)
    distribution = system.distribution if system else None
    return next(each for each in families() if each.fits(snapshot.platform, distribution))


def _major(version: str) -> int:
    """``12`` of ``12.4``; 0 when there is none."""
    major = version.partition(".")[0]
    return int(major) if major.isdecimal() and major.isascii() and len(major) < 9 else 0
