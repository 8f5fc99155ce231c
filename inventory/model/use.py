"""The usage of a host: kernel counters since the start, and the hours that sysstat recorded."""

from __future__ import annotations

import math
from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class CpuTime:
    """Seconds of all CPUs together since the start, from ``/proc/stat`` (proc_stat(5)); guests are within ``user``."""

    user: float
    nice: float
    system: float
    idle: float
    iowait: float
    irq: float
    softirq: float
    steal: float

    @property
    def busy_fraction(self) -> float:
        """0 to 1: the share of time since the start in which CPUs worked, stolen time included."""
        total = self.user + self.nice + self.system + self.idle + self.iowait + self.irq + self.softirq + self.steal
        return 1 - (self.idle + self.iowait) / total if total else 0.0


@dataclass(frozen=True, slots=True)
class DiskUse:
    """A whole disk since the start, from ``/proc/diskstats``. ``busy_seconds``: some request was under way."""

    name: str
    reads: int
    read_bytes: int
    writes: int
    written_bytes: int
    busy_seconds: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class InterfaceUse:
    """A network interface since it came up, from ``/proc/net/dev``; errors and drops of both directions."""

    name: str
    received_bytes: int
    received_packets: int
    receive_errors: int
    receive_drops: int
    sent_bytes: int
    sent_packets: int
    send_errors: int
    send_drops: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Pressure:
    """Pressure stall information (Documentation/accounting/psi.rst). ``kind`` is some or full; averages in percent."""

    resource: str
    kind: str
    average_10s: float
    average_60s: float
    average_300s: float
    total_seconds: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class CgroupUse:
    """The kernel's counters of a unit or container; None where this kernel does not count it.

    ``path`` is relative to the cgroup file system (``system.slice/nginx.service``). CPU in seconds since the group was
    made, ``throttled_seconds`` of them lost to a quota. Memory in bytes; on version 1 it includes page cache, as on
    version 2. ``tasks`` are processes and threads. ``memory_failures`` are hits of its memory limit (version 1) or
    kills for lack of memory (version 2).
    """

    path: str
    cpu_seconds: float | None
    throttled_seconds: float | None
    memory_bytes: int | None
    memory_peak_bytes: int | None
    tasks: int | None
    tasks_peak: int | None
    memory_failures: int | None
    read_bytes: int | None
    written_bytes: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of sysstat's archive. ``end`` is in seconds since the epoch; None is what the archive lacks.

    Shares are 0 to 1 of all CPUs or of the memory. Bytes are per second, of all interfaces but ``lo`` and all disks.
    """

    end: float
    cpu_busy: float | None
    cpu_iowait: float | None
    cpu_steal: float | None
    memory_used: float | None
    memory_used_bytes: int | None
    received_bytes: float | None
    sent_bytes: float | None
    disk_read_bytes: float | None
    disk_written_bytes: float | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Use:
    """Counters since the start of the kernel (``uptime_seconds`` ago), and hours of the last week.

    ``load`` is the load average of 1, 5 and 15 minutes. ``memory`` is ``/proc/meminfo`` in bytes (HugePages_* are
    counts); ``counters`` are numbers of ``/proc/vmstat`` (``oom_kill``, ``pswpin`` …), ``forks`` and
    ``context_switches``; ``network`` those of ``/proc/net/snmp`` and ``netstat`` as ``Tcp.RetransSegs``,
    ``TcpExt.ListenOverflows``, and ``conntrack.count`` and ``conntrack.max`` where connections are tracked.
    """

    uptime_seconds: float
    cpu: CpuTime
    load: tuple[float, float, float]
    memory: tuple[tuple[str, int], ...]
    counters: tuple[tuple[str, int], ...]
    network: tuple[tuple[str, int], ...]
    disks: tuple[DiskUse, ...]
    interfaces: tuple[InterfaceUse, ...]
    pressure: tuple[Pressure, ...]
    cgroups: tuple[CgroupUse, ...]
    hours: tuple[Hour, ...]
    origin: Origin

    def number(self, name: str) -> int | None:
        """A number of ``memory``, ``counters`` or ``network``; None where the kernel has none of that name."""
        return next(
            (n for known in (self.memory, self.counters, self.network) for key, n in known if key == name), None
        )

    @property
    def cpu_busy_p95(self) -> float | None:
        """The share of CPU that 95 of 100 hours did not exceed (nearest rank), 0 to 1; None without an archive."""
        return percentile([hour.cpu_busy for hour in self.hours if hour.cpu_busy is not None], 95)

    @property
    def memory_used_bytes_p95(self) -> float | None:
        """The memory in use, without page cache, that 95 of 100 hours did not exceed; None without an archive."""
        return percentile([hour.memory_used_bytes for hour in self.hours if hour.memory_used_bytes is not None], 95)


def percentile(values: list[float] | list[int], share: float) -> float | None:
    """The nearest-rank percentile of ``values``; None when there are none. ``share`` is above 0 and at most 100."""
    if not values:
        return None
    return float(sorted(values)[max(0, math.ceil(len(values) * share / 100) - 1)])
