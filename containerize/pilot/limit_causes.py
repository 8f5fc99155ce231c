"""Sentences about limits that a copy reached."""

from __future__ import annotations

from containerize.pilot.container_limits import ContainerLimits
from containerize.runtimes.runtime import ContainerPressure

THROTTLED = 0.25
"""Share of time slices in which it had to wait, from which on that is worth telling."""


def limit_hit(limits: ContainerLimits, pressure: ContainerPressure) -> str:
    """Limits of memory and of processes that were hit; "" for none."""
    found = []
    if pressure.oom_kills:
        found.append(
            f"the memory limit of {limits.memory_bytes >> 20} MiB was hit"
            f" ({_times(pressure.oom_kills, 'process was killed', 'processes were killed')}); raise it with --memory"
        )
    if pressure.refused_starts:
        found.append(
            f"the limit of {limits.pids} processes and threads was hit"
            f" ({_times(pressure.refused_starts, 'start was denied', 'starts were denied')}); raise it with --pids"
        )
    return "; ".join(found)


def slowed(limits: ContainerLimits, pressure: ContainerPressure) -> str:
    """That the limit of processors slowed it; "" when it did not much."""
    if pressure.throttled < THROTTLED:
        return ""
    share = f"it waited in {pressure.throttled:.0%} of its time slices"
    return f"the limit of {limits.cpus:g} processors slowed it ({share}); raise it with --cpus"


def causes(limits: ContainerLimits, pressure: ContainerPressure) -> str:
    """All of it, to stand behind what went wrong: "; the memory limit …"."""
    return "".join(f"; {words}" for words in (limit_hit(limits, pressure), slowed(limits, pressure)) if words)


def _times(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count} {many}"
