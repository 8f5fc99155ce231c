"""The depth of a scan. Each section names the least depth at which it is asked."""

from __future__ import annotations

from enum import StrEnum


class Depth(StrEnum):
    """From the cheapest to the most expensive; each includes the one before.

    ``QUICK`` finds the services of a host and their ports. ``STANDARD`` is everything a fit needs, in a fraction of a
    second of CPU. ``DEEP`` reads file systems: packages verified, files that no package owns, language packages.
    """

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"

    def includes(self, least: Depth) -> bool:
        """Whether a section that needs at least ``least`` is asked at this depth."""
        order = tuple(Depth)
        return order.index(self) >= order.index(least)

    def why_not_asked(self, least: Depth) -> str:
        """The reason why a section that needs at least ``least`` was not asked at this depth, and the remedy."""
        return f"not asked at depth {self}; scan with --depth {least}"
