"""Resource usage of a copy's processes, counted by the kernel and read through psutil."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Counters:
    """Sums over processes. Memory counts a page that several share once for all of them (PSS) where the kernel says so,
    else once for each (RSS). ``seen`` is False when no process could be read.
    """

    processes: int
    memory_bytes: int
    cpu_seconds: float
    descriptors: int

    @property
    def seen(self) -> bool:
        """Whether anything could be read."""
        return self.processes > 0

    def __str__(self) -> str:
        """One line for people."""
        count = "1 process" if self.processes == 1 else f"{self.processes} processes"
        memory = f"{self.memory_bytes / 1_000_000:.0f} MB of memory"
        return f"{count}, {memory}, {self.cpu_seconds:.1f} s of CPU, {self.descriptors} open files"


def count(pids: Iterable[int]) -> Counters:
    """Read the counters of processes by their numbers on this machine; one that has ended meanwhile is left out."""
    processes = memory = descriptors = 0
    cpu = 0.0
    for pid in pids:
        try:
            process = psutil.Process(pid)
            times = process.cpu_times()
            used = _memory(process)
            held = process.num_fds()
        except (psutil.Error, OSError):
            continue
        processes += 1
        memory += used
        descriptors += held
        cpu += times.user + times.system
    return Counters(processes, memory, cpu, descriptors)


def _memory(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.AccessDenied, AttributeError):
        return int(process.memory_info().rss)
