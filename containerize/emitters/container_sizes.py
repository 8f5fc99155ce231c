"""Resource requests and limits of a container, and the measurements behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assess.planning.placement.placement_prices import placement_table
from containerize.emitters.emission import Emission
from containerize.profile.workload_profile import ResourceUse

HEADROOM = 2.0
"""A limit is at least this many times what was observed."""

_MEBIBYTE = 1 << 20
_LEAST_REQUEST = 8
LEAST_MEMORY = 256
"""MiB. Page cache and the engine's own start are counted in the same control group: runc was measured with 13 MiB."""

_LEAST_CPUS = 1.0
"""An average hides bursts, and every machine has one processor: Docker rejects a limit above what its host has."""

LEAST_PIDS = 512
"""Servers start workers under load: Apache 2.4 comes to some 430 processes and threads by default, Tomcat to 250."""

_MOST_PIDS = 4_194_304
"""PID_MAX_LIMIT of 64-bit kernels (include/linux/threads.h)."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes, in whole MiB; processors in hundredths, ``cpus`` being what is asked for, None when nothing is known of
    it. ``pids_limit`` counts processes and threads. ``basis`` says in sentences what they rest on: what is asked
    for first, then the limits.
    """

    memory_request: int
    memory_limit: int
    cpus: float | None
    cpus_limit: float
    pids_limit: int
    requested: tuple[str, ...]
    limited: tuple[str, ...]

    @property
    def basis(self) -> tuple[str, ...]:
        """All sentences."""
        return (*self.requested, *self.limited)


def sizes_of(emission: Emission) -> Sizes:
    """Those of the container that an emission is about."""
    return requests_and_limits(emission.seen.use, emission.plan.shm_bytes)


def requests_and_limits(use: ResourceUse | None, shm_bytes: int = 0) -> Sizes:
    """Limits always: fixed ones where no process was observed (``use`` is None).

    Asked for is what busy hours take, as the placement plans with it. Each limit is :data:`HEADROOM` times the highest
    use that was observed, or more. ``shm_bytes`` is the size of ``/dev/shm``, which is counted with the container.
    """
    if use is None:
        return _UNOBSERVED
    table = placement_table()
    highest, what = max(
        (use.peak_bytes, "the highest use of each process since it started (VmHWM), added up"),
        (use.group_peak_bytes or 0, "the highest use of its control group, page cache included"),
        (use.busy_bytes, f"the memory of busy hours ({use.busy_by})"),
        key=lambda each: each[0],
    )
    request = _whole(use.busy_bytes, _LEAST_REQUEST)
    memory = _whole(highest * HEADROOM + shm_bytes, LEAST_MEMORY)
    requested = [
        f"Memory asked for: {_shown(request)}, by {use.busy_by}: {use.processes} processes, pages that they share "
        "counted in each."
    ]
    limited = [
        f"Memory limit: {_shown(memory)}, {HEADROOM:g} times {what} ({_shown(highest)}) and /dev/shm, and "
        f"{LEAST_MEMORY} MiB at the least, for the engine's start and page cache."
    ]
    cpus, cpus_limit = None, _LEAST_CPUS
    if use.cpus is None:
        limited.append(f"Processor limit: {_LEAST_CPUS:g}, a fixed value: the clock of the host was not read.")
    else:
        cpus = max(0.01, math.ceil(use.cpus * 100) / 100)
        # Headroom is in it already, so this is more than twice what was observed.
        cpus_limit = max(_LEAST_CPUS, math.ceil(use.cpus * HEADROOM * 100) / 100)
        requested.append(
            f"Processors asked for: {cpus:.2f}, by {use.cpus_by}, with headroom ({table.cpu_headroom_measured:g} times "
            f"a percentile of hours, {table.cpu_headroom:g} times an average)."
        )
        limited.append(
            f"Processor limit: {cpus_limit:.2f}, {HEADROOM:g} times {cpus:.2f} (by {use.cpus_by}), and {_LEAST_CPUS:g} "
            "at the least. Raise it where monitoring shows throttling: short bursts were not measured."
        )
    pids = min(max(LEAST_PIDS, math.ceil(use.threads * HEADROOM)), _MOST_PIDS)
    limited.append(
        f"Limit of processes and threads: {pids}, {HEADROOM:g} times the {use.threads} that were observed at most, and "
        f"{LEAST_PIDS} at the least, because servers start workers under load."
    )
    return Sizes(request, memory, cpus, cpus_limit, pids, tuple(requested), tuple(limited))


_UNOBSERVED = Sizes(
    1 << 30,
    1 << 30,
    None,
    _LEAST_CPUS,
    LEAST_PIDS,
    ("Memory asked for: 1024 MiB, a fixed value: the scan observed no process of it.",),
    (
        f"Limits: 1024 MiB, {_LEAST_CPUS:g} processor, {LEAST_PIDS} processes and threads: fixed values, because the "
        "scan observed no process of it. Watch a run and change them.",
    ),
)


def _whole(size: float, least: int) -> int:
    """Rounded up to whole MiB, at least ``least`` of them: Docker rejects limits below 6 MiB."""
    return max(least, math.ceil(size / _MEBIBYTE)) * _MEBIBYTE


def _shown(size: int) -> str:
    return f"{size // _MEBIBYTE} MiB"
