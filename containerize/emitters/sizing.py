"""What to ask of a container host and where to stop, from what the processes used, and what these numbers rest on."""

from __future__ import annotations

import math
from dataclasses import dataclass

from assess.placement.tables import placement_table
from containerize.seen import Use

_MEBIBYTE = 1 << 20
_LEAST_REQUEST = 8
_LEAST_LIMIT = 32
"""MiB. The engine's own start is counted in the same control group: runc was seen with 13 MiB, and fails with less."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes, in whole MiB; ``cpus`` in hundredths of a processor, None when nothing is known of them. ``basis`` says in
    sentences what they rest on. There is no limit of processor time: it would starve the hours that nobody measured.
    """

    memory_request: int
    memory_limit: int
    cpus: float | None
    basis: tuple[str, ...]


def requests_and_limits(use: Use | None) -> Sizes | None:
    """None when no process was seen. The headroom is that of ``assess/data/placement.toml``.

    Asked for is what busy hours take, as the placement plans with it; the limit stands above the highest use ever.
    """
    if use is None:
        return None
    table = placement_table()
    highest, what = max(
        (use.peak_bytes, "the highest use of each process since it started (VmHWM), added up"),
        (use.group_peak_bytes or 0, "the highest use of its control group, page cache included"),
        (use.busy_bytes, f"the memory of busy hours ({use.busy_by})"),
        key=lambda each: each[0],
    )
    request = _whole(use.busy_bytes, _LEAST_REQUEST)
    limit = max(_whole(highest * table.memory_headroom, _LEAST_LIMIT), request)
    basis = [
        f"Memory asked for: {_shown(request)}, by {use.busy_by}: {use.processes} processes, pages that they share "
        "counted in each.",
        f"Memory limit: {_shown(limit)}, {table.memory_headroom:g} times {what}"
        + (
            "."
            if limit > _LEAST_LIMIT * _MEBIBYTE
            else f", and {_LEAST_LIMIT} MiB at the least, for the engine's start."
        ),
    ]
    cpus = None
    if use.cpus is not None:
        cpus = max(0.01, math.ceil(use.cpus * 100) / 100)
        basis.append(
            f"Processors asked for: {cpus:.2f}, by {use.cpus_by}, with headroom ({table.cpu_headroom_measured:g} times "
            f"a percentile of hours, {table.cpu_headroom:g} times an average). No limit: idle processors are for "
            "whoever needs them."
        )
    return Sizes(request, limit, cpus, tuple(basis))


def _whole(size: float, least: int) -> int:
    """Rounded up to whole MiB, at least ``least`` of them: Docker refuses limits below 6 MiB."""
    return max(least, math.ceil(size / _MEBIBYTE)) * _MEBIBYTE


def _shown(size: int) -> str:
    return f"{size // _MEBIBYTE} MiB"
