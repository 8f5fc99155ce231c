"""Memory, process and processor limits of a pilot's container: those of the emitted files, capped by this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from containerize.profile.workload_profile import ResourceUse


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """``memory_bytes`` counts memory and swap together; ``pids`` counts processes and threads; ``cpus`` are
    processors. 0 is unlimited. ``basis`` says in sentences what the numbers rest on.
    """

    memory_bytes: int = 0
    pids: int = 0
    cpus: float = 0.0
    basis: tuple[str, ...] = ()


UNLIMITED = ContainerLimits()


def limits_of(use: ResourceUse | None, shm_bytes: int = 0) -> ContainerLimits:
    """Those of the emitted files, so that a pilot that passes says something about them."""
    # Here, since results of pilots are read without emitters, which are slow to load.
    from containerize.emitters.container_sizes import requests_and_limits

    sizes = requests_and_limits(use, shm_bytes)
    return ContainerLimits(sizes.memory_limit, sizes.pids_limit, sizes.cpus_limit, sizes.limited)


def on_this_machine(limits: ContainerLimits) -> ContainerLimits:
    """The limits, at most what this machine has. An engine rejects more processors than there are."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    cpus = float(len(os.sched_getaffinity(0)))
    try:
        most = int(Path("/proc/sys/kernel/pid_max").read_text(encoding="ascii"))
    except (OSError, ValueError):
        most = 32768
    return replace(
        limits,
        memory_bytes=min(limits.memory_bytes, total),
        pids=min(limits.pids, most),
        cpus=min(limits.cpus, cpus),
    )
