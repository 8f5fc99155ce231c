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
"""Seconds between the scan and the last sample from which on processor time between them is worth more than a guess."""


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
    that of measured values. Memory is the resident size during the scan, or the maximum of the samples, raised in the
    same way.

    The kernel limits inotify instances for each user, and users of all containers have the same numbers: a workload
    counts with those of its busiest user.
    """
    table = placement_table()
    samples = _samples(host.snapshot)
    busy = host.utilisation_history
    processors, processors_by = _processors(host, workload, samples)
    headroom = table.cpu_headroom
    if (raised := _enough(busy.processors)) is not None:
        processors_by, headroom = _by_sysstat(raised.hours), table.cpu_headroom_measured
        processors = min(processors * raised.factor, _most_ever(host))
    resident, memory_by = _memory(workload, samples)
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
    return host.utilisation_history.busiest * system.cpus if system and system.cpus else float("inf")


def _processors(host: HostFacts, workload: Workload, samples: _Samples) -> tuple[float, str]:
    """The average since each process started; or between the scan and the last sample, where that is more."""
    system = value_or_none(host.snapshot.system)
    uptime = system.clock - system.boot_time if system else 0.0
    processors, by_samples = 0.0, False
    for process in workload.all_processes:
        age = uptime - process.start_seconds
        average = process.cpu_seconds / max(age, 60.0) if age > 0 else 0.0
        later = _between(process, samples, host.snapshot.taken) if samples.seen else None
        if later is not None:
            by_samples = True
            average = max(average, later)
        processors += average
    return processors, f"{samples.number} samples" if by_samples else AVERAGE


def _between(process: Process, samples: _Samples, taken: float) -> float | None:
    """Processors that a process used from the scan to the last sample; None where samples do not show it: they store
    the maximum of the processes of one kind, which is this one's only where there is no other.
    """
    seen = samples.seen.get(_kind(process))
    if seen is None or seen.last - taken < _LONG_ENOUGH or seen.cpu_seconds < process.cpu_seconds:
        return None
    if samples.running[_kind(process)] > 1:
        return None
    return (seen.cpu_seconds - process.cpu_seconds) / (seen.last - taken)


def _memory(workload: Workload, samples: _Samples) -> tuple[float, str]:
    """Resident bytes during the scan, or the maximum of a process of the kind in a sample."""
    resident, by_samples = 0, False
    for process in workload.all_processes:
        seen = samples.seen.get(_kind(process)) if samples.seen else None
        by_samples = by_samples or seen is not None
        resident += max(process.rss_bytes, seen.peak_rss_bytes if seen else 0)
    return float(resident), f"the maximum of {samples.number} samples" if by_samples else RESIDENT


_Kind = tuple[int, str, tuple[str, ...]]


class _Samples(NamedTuple):
    """The samples, and the number of processes of each kind during the scan; empty without samples."""

    number: int
    seen: Mapping[_Kind, ProcessSighting]
    running: Mapping[_Kind, int]


def _samples(snapshot: Snapshot) -> _Samples:
    sightings = value_or_none(snapshot.sightings)
    if sightings is None or sightings.looks < 2:
        return _Samples(0, {}, {})
    seen = {(each.uid, each.executable or each.name, _shape(each.arguments)): each for each in sightings.processes}
    return _Samples(sightings.looks, seen, Counter(_kind(each) for each in value_or_none(snapshot.processes) or ()))


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
