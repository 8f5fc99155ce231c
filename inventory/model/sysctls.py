"""Kernel settings."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Sysctl:
    """A setting with dots as separators. ``configured_in`` is the sysctl.d file that sets it, "" when none does."""

    name: str
    value: str
    configured_in: str
    origin: Origin
