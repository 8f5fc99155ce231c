"""Memory, process and processor limits of a pilot's container: those of the emitted files, capped by this machine."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
from msgspec.structs import replace

from assess.export.json_schema import Amount, Count
from inventory.described import doc

if TYPE_CHECKING:
    from containerize.profile.workload_profile import ResourceUse


class ContainerLimits(msgspec.Struct, frozen=True):
    """The limits of the container."""

    memory_bytes: Annotated[Count, doc("Bytes of memory and swap together; 0 is unlimited.")] = 0
    pids: Annotated[Count, doc("Processes and threads; 0 is unlimited.")] = 0
    cpus: Annotated[Amount, doc("Processors; 0 is unlimited.")] = 0.0
    basis: Annotated[tuple[str, ...], doc("What the limits rest on, in sentences.")] = ()


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
