"""Limits leave at least twice the room that was seen to be used."""

from __future__ import annotations

import os

from containerize.emitters.container_sizes import LEAST_MEMORY, LEAST_PIDS
from containerize.pilot.container_limits import ContainerLimits, limits_of, on_this_machine
from containerize.profile.workload_profile import ResourceUse

MIB = 1 << 20


def use(peak: int, threads: int, cpus: float | None, group: int | None = None) -> ResourceUse:
    return ResourceUse(2, peak // 2, peak // 2, "what was resident", peak, group, cpus, "3 samples", threads)


def test_a_small_service_gets_the_least_limits() -> None:
    limits = limits_of(use(10 * MIB, 3, 0.01))
    assert (limits.memory_bytes, limits.pids, limits.cpus) == (LEAST_MEMORY * MIB, LEAST_PIDS, 1.0)
    assert "256 MiB" in limits.basis[0]
    assert limits_of(None).memory_bytes >= LEAST_MEMORY * MIB


def test_a_large_service_gets_twice_what_it_was_seen_with() -> None:
    limits = limits_of(use(900 * MIB, 400, 3.25, group=1000 * MIB), shm_bytes=64 * MIB)
    assert (limits.memory_bytes, limits.pids, limits.cpus) == (2064 * MIB, 800, 6.5)


def test_no_limit_is_more_than_this_machine_has() -> None:
    most = on_this_machine(ContainerLimits(1 << 60, 1 << 40, 4096.0))
    assert most.cpus == len(os.sched_getaffinity(0))
    assert most.memory_bytes < 1 << 50
    assert most.pids <= 1 << 22
