"""The utilisation of a host in the hours that sysstat recorded."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from inventory.model.use import Use, percentile

SHARE = 95
"""The percentile of the hours that a host is sized for."""


class PeakFactor(NamedTuple):
    """``factor`` says how far the percentile of so many ``hours`` stands above their mean (at least 1)."""

    factor: float
    hours: int


class UtilisationHistory(msgspec.Struct, array_like=True, frozen=True):
    """None where nothing was used, or nothing was recorded. ``busiest``: all processors in the busiest hour, 0 to 1."""

    processors: PeakFactor | None = None
    memory: PeakFactor | None = None
    busiest: float = 1.0


def utilisation_history(use: Use | None) -> UtilisationHistory:
    """Return the utilisation of the recorded hours."""
    if use is None:
        return UtilisationHistory()
    processors = [hour.cpu_busy for hour in use.hours if hour.cpu_busy is not None]
    memory = [hour.memory_used for hour in use.hours if hour.memory_used is not None]
    return UtilisationHistory(_raised(processors), _raised(memory), max(processors, default=1.0))


def _raised(known: list[float]) -> PeakFactor | None:
    mean = sum(known) / len(known) if known else 0.0
    highest = percentile(known, SHARE)
    if highest is None or mean <= 0:
        return None
    return PeakFactor(max(highest / mean, 1.0), len(known))
