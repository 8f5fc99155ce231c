"""Families of operating systems, and how far verdicts are proven on each (``system_families.toml``)."""

from __future__ import annotations

import msgspec

from assess.knowledge.data_files import KnowledgeTable, read_table
from inventory.model.system import Distribution
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot


class SystemFamily(KnowledgeTable, frozen=True):
    """A row. ``cap`` is the highest confidence of a verdict, 0.0-1.0; ``reason`` why, "" where there is no cap.

    ``ids`` are those of os-release, () for all; with ``exact`` not those of ID_LIKE. ``least`` is the least major
    version, 0 for all; ``platform`` "" for all.
    """

    name: str
    cap: float
    proven: str
    reason: str
    platform: str = ""
    ids: frozenset[str] = frozenset()
    exact: bool = False
    least: int = msgspec.field(default=0, name="from")

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


class _Families(KnowledgeTable, frozen=True):
    family: tuple[SystemFamily, ...]


def families() -> tuple[SystemFamily, ...]:
    """The table, in its order. The last fits every host."""
    return read_table("system_families.toml", _Families).family


def family_of(snapshot: Snapshot) -> SystemFamily:
    """The family of a host."""
    system = value_or_none(snapshot.system)
    distribution = system.distribution if system else None
    return next(each for each in families() if each.fits(snapshot.platform, distribution))


def _major(version: str) -> int:
    """``12`` of ``12.4``; 0 when there is none."""
    major = version.partition(".")[0]
    return int(major) if major.isdecimal() and major.isascii() and len(major) < 9 else 0
