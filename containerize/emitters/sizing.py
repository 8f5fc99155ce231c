"""What to ask of a container host and where to stop, from what the processes used, and what these numbers rest on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assess.placement.tables import placement_table
from containerize.seen import Use

_MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes, in whole MiB; ``cpus`` in hundredths of a processor, None when nothing is known of them. ``basis`` says in
    sentences what they rest on. There is no limit of processor time: one at the average would starve every busy hour.
    """

    memory_request: int
    memory_limit: int
    cpus: float | None
    basis: tuple[str, ...]


def requests_and_limits(use: Use | None) -> Sizes | None:
    """None when no process was seen. The headroom is that of ``assess/data/placement.toml``."""
    if use is None:
        return None
    table = placement_table()
    peak = max(use.peak_bytes, use.group_peak_bytes or 0)
    request, limit = _whole(use.resident_bytes), _whole(peak * table.memory_headroom)
    what = "of its control group, page cache included" if peak == use.group_peak_bytes else "of each process, added up"
    basis = [
        f"Memory asked for: {_shown(request)}, the resident memory of its {use.processes} processes at the scan, pages "
        "that they share counted in each.",
        f"Memory limit: {_shown(limit)}, {table.memory_headroom:g} times the highest use {what}.",
    ]
    cpus = None
    if use.cpus is not None:
        cpus = max(0.01, math.ceil(use.cpus * table.cpu_headroom * 100) / 100)
        basis.append(
            f"Processors asked for: {cpus:.2f}, {table.cpu_headroom:g} times the average since its processes started; "
            "busy hours were not measured, so there is no limit."
        )
    return Sizes(request, limit, cpus, tuple(basis))


def _whole(size: float) -> int:
    """Rounded up to whole MiB, at least 8: Docker refuses limits below 6 MiB."""
    return max(8, math.ceil(size / _MEBIBYTE)) * _MEBIBYTE


def _shown(size: int) -> str:
    return f"{size // _MEBIBYTE} MiB"
