"""The share of a container host that a workload needs, and the measurements it rests on.

A host's kernel counts the use of each process since its start, which says nothing of busy hours. Two sources know
better: the hours that sysstat recorded of the whole host, and the samples of a scan with ``--every``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from assess.model import Workload
from assess.planning.placement.placement_prices import placement_table
from assess.subjects.host_facts import HostFacts
from assess.subjects.utilisation_history import SHARE, PeakFactor
from inventory.model.processes import Process
from inventory.model.sightings import ProcessSighting
from inventory.observation import value_or_none
from inventory.scan.sample import program_of, shortened_arguments
from inventory.snapshot import Snapshot

AVERAGE = "the average since start"
RESIDENT = "what was resident during the scan"
_LONG_ENOUGH = 600.0
"""Seconds between the scan and the last look from which on processor time between them is worth more than a guess."""


@dataclass(frozen=True, slots=True)
class Sizing:
    """Processors (1.0: one of them all the time), bytes of memory, PIDs and inotify instances, headroom included.

    ``processors_by`` and ``memory_by`` say in words what those two were measured by.
    """

    needs: dict[str, float]
    processors_by: str
    memory_by: str


def sizing_of(host: HostFacts, workload: Workload) -> Sizing:
    """Return the needs of a workload.

    Processor time is the average since each process started, by the kernel's own counters; a host whose clock could not
    be read says nothing of it, and then it is 0. Where sysstat kept enough hours, it is raised as the host's 95th
    percentile stands above the host's mean, for a workload is taken to be busy when its host is, and the headroom is
    that of measured values. Memory is what was resident during the scan, or the most that a look saw, raised likewise.

    The kernel limits inotify instances for each user, and users of all containers have the same numbers: a workload
    counts with those of its busiest user.
    """
    table = placement_table()
    looks = _looks(host.snapshot)
    busy = host.busy_hours
    processors, processors_by = _processors(host, workload, looks)
    headroom = table.cpu_headroom
    if (raised := _enough(busy.processors)) is not None:
        processors_by, headroom = _by_sysstat(raised.hours), table.cpu_headroom_measured
        processors = min(processors * raised.factor, _most_ever(host))
    resident, memory_by = _memory(workload, looks)
    if (raised := _enough(busy.memory)) is not None:
        resident, memory_by = resident * raised.factor, _by_sysstat(raised.hours)
    return Sizing(
        {
            "cpus": round(processors * headroom, 4),
            "memory": resident * table.memory_headroom,
            "pids": float(sum(process.threads for process in workload.all_processes)),
            "inotify": float(_inotify_instances(host, workload)),
        },
        processors_by,
        memory_by,
    )


def _by_sysstat(hours: int) -> str:
    return f"p{SHARE} of {hours} hours by sysstat"


def _enough(raised: PeakFactor | None) -> PeakFactor | None:
    return None if raised is None or raised.hours < placement_table().hours else raised


def _most_ever(host: HostFacts) -> float:
    """All the processors that a host had busy in its busiest hour: no workload of it used more."""
    system = value_or_none(host.snapshot.system)
    return host.busy_hours.busiest * system.cpus if system and system.cpus else float("inf")


def _processors(host: HostFacts, workload: Workload, looks: _Looks) -> tuple[float, str]:
    """The average since each process started; or between the scan and the last look, where that is more."""
    system = value_or_none(host.snapshot.system)
    uptime = system.clock - system.boot_time if system else 0.0
    processors, by_looks = 0.0, False
    for process in workload.all_processes:
        age = uptime - process.start_seconds
        average = process.cpu_seconds / max(age, 60.0) if age > 0 else 0.0
        later = _between(process, looks, host.snapshot.taken) if looks.seen else None
        if later is not None:
            by_looks = True
            average = max(average, later)
        processors += average
    return processors, f"{looks.number} looks" if by_looks else AVERAGE


def _between(process: Process, looks: _Looks, taken: float) -> float | None:
    """Processors that a process used from the scan to the last look; None where the looks cannot tell: they keep the
    most of any one process of its kind, which is this one's only where there is no other.
    """
    seen = looks.seen.get(_kind(process))
    if seen is None or seen.last - taken < _LONG_ENOUGH or seen.cpu_seconds < process.cpu_seconds:
        return None
    if looks.running[_kind(process)] > 1:
        return None
    return (seen.cpu_seconds - process.cpu_seconds) / (seen.last - taken)


def _memory(workload: Workload, looks: _Looks) -> tuple[float, str]:
    """Resident bytes during the scan, or the most that a process of the kind came to in a look."""
    resident, by_looks = 0, False
    for process in workload.all_processes:
        seen = looks.seen.get(_kind(process)) if looks.seen else None
        by_looks = by_looks or seen is not None
        resident += max(process.rss_bytes, seen.peak_rss_bytes if seen else 0)
    return float(resident), f"the most of {looks.number} looks" if by_looks else RESIDENT


_Kind = tuple[int, str, tuple[str, ...]]


class _Looks(NamedTuple):
    """What the looks saw, and how many processes of each kind there were during the scan; empty without looks."""

    number: int
    seen: Mapping[_Kind, ProcessSighting]
    running: Mapping[_Kind, int]


def _looks(snapshot: Snapshot) -> _Looks:
    sightings = value_or_none(snapshot.sightings)
    if sightings is None or sightings.looks < 2:
        return _Looks(0, {}, {})
    seen = {(each.uid, each.executable or each.name, _shape(each.arguments)): each for each in sightings.processes}
    return _Looks(sightings.looks, seen, Counter(_kind(each) for each in value_or_none(snapshot.processes) or ()))


def _kind(process: Process) -> _Kind:
    """Return the key under which samples count a process, see :mod:`inventory.scan.sample`."""
    return process.uid, program_of(process), _shape(shortened_arguments(process.arguments))


def _shape(arguments: Sequence[str]) -> tuple[str, ...]:
    return tuple(re.sub(r"\d+", "#", each) for each in arguments)


def _inotify_instances(host: HostFacts, workload: Workload) -> int:
    objects = value_or_none(host.snapshot.kernel_objects) or {}
    users: dict[int, int] = {}
    for process in workload.all_processes:
        users[process.uid] = users.get(process.uid, 0) + objects.get(process.pid, {}).get("inotify", 0)
    return max(users.values(), default=0)
