"""Separate the permanent processes of a workload from those that come and go.

A mail server starts a program for each delivery, cron a shell for each job, a database a process for each client. A
scan observes these by chance, so a workload is judged by the processes that are always there: its main process and its
ancestors, processes that were started together with it, the pool that shares its listening sockets, and processes that
alone hold a socket of the service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from assess.workloads.program import program_of
from inventory.model.processes import Process
from inventory.observation import value_or_none
from inventory.snapshot import Snapshot

_TOGETHER = 10.0
"""Seconds within which a service has started what belongs to it."""

YOUNG = 5.0
"""Seconds up to which a process may be one that only begins or ends something else."""

_BOOT = 60.0
"""Seconds within which a host starts what it runs."""

_HOUR = 3_600.0
"""Seconds after which a tree that only belongs to the service's unit, script or session is a part of it."""

_DAY = 86_400.0
"""Seconds after which what a service has started while it ran is a part of it."""


class Clock:
    """The age of processes at the time of a scan, in seconds since boot as processes have it."""

    def __init__(self, processes: Collection[Process], uptime: float = 0.0) -> None:
        starts = [process.start_seconds for process in processes]
        # A container may report a shorter uptime than the kernel's, by which its processes are dated.
        self._now = max([uptime, *starts])
        self._first = min(starts, default=0.0)

    @classmethod
    def of(cls, snapshot: Snapshot) -> Clock:
        """The clock of a scan."""
        system = value_or_none(snapshot.system)
        uptime = system.clock - system.boot_time if system is not None else 0.0
        processes = value_or_none(snapshot.processes)
        return cls(processes or (), uptime)

    def age(self, process: Process) -> float:
        """Seconds that a process has run for."""
        return self._now - process.start_seconds

    def just_started(self, process: Process) -> bool:
        """Whether a process was started in the last seconds, on a host that was up long before."""
        return self.age(process) < YOUNG and process.start_seconds - self._first > _BOOT


class HeldSockets(Protocol):
    """The sockets that processes hold."""

    def held(self, pid: int) -> frozenset[int]:
        """The inodes of the listening sockets of a process, but for those on ports that are given out at random."""
        ...

    def seen(self, pid: int) -> bool:
        """Whether the descriptors of a process could be read."""
        ...


def permanent_processes(
    processes: Mapping[int, Process], guests: Collection[int], main: Process, sockets: HeldSockets, clock: Clock
) -> frozenset[int]:
    """The pids of those of the ``processes`` of one workload that it is judged by; ``main`` is always one of them.

    ``guests`` are what its program happens to run at a shell; they count where they alone hold a socket.
    """
    kept = {main.pid}
    above = main
    while (parent := processes.get(above.ppid)) is not None and parent.pid not in kept:
        kept.add(parent.pid)
        above = parent
    rest = [process for pid, process in processes.items() if pid not in kept]
    rest.sort(key=lambda process: (process.start_seconds, process.pid))
    for process in rest:
        if process.pid in guests:
            continue
        if together(process, main) or _in_pool(process, main, sockets):
            kept.add(process.pid)
        elif not _same_program(process, main):
            head = _head(process, processes)
            if clock.age(process) > _DAY or (together(process, head) and clock.age(head) > _HOUR):
                kept.add(process.pid)
    known = frozenset[int]().union(*(sockets.held(pid) for pid in kept))
    for process in rest:
        if own := sockets.held(process.pid) - known:
            kept.add(process.pid)
            known |= own
    return frozenset(kept)


def _in_pool(process: Process, main: Process, sockets: HeldSockets) -> bool:
    """Whether it is one of several that serve the same socket: workers come and go, and the pool stays."""
    if not _same_program(process, main):
        return False
    if not sockets.seen(process.pid):
        return not sockets.seen(main.pid)
    return bool(sockets.held(main.pid) & sockets.held(process.pid))


def _head(process: Process, processes: Mapping[int, Process]) -> Process:
    """The first process of the tree that ``process`` is in, as far as the tree belongs to the workload."""
    passed = {process.pid}
    while (parent := processes.get(process.ppid)) is not None and parent.pid not in passed:
        passed.add(parent.pid)
        process = parent
    return process


def together(first: Process, second: Process) -> bool:
    """Whether two processes began at the same time."""
    return abs(first.start_seconds - second.start_seconds) <= _TOGETHER


def _same_program(first: Process, second: Process) -> bool:
    if first.executable is None or second.executable is None:
        return first.name == second.name
    return program_of(first).key == program_of(second).key
