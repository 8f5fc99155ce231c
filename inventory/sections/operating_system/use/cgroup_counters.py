"""Counters of each service's cgroup, version 1 and 2 (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inventory.formats.grep_lines import file_lines
from inventory.model.use import CgroupUse
from inventory.observation import Origin
from inventory.recording import SectionRecording

_ROOT = re.compile(r"(?:/sys/fs)?/cgroup/(?:(?:unified|cpuacct|memory|pids|blkio)/)?(?P<group>.+)/(?P<file>[a-z_.]+)")
_SINGLE = {
    "memory.current": "memory", "memory.usage_in_bytes": "memory", "memory.peak": "memory_peak",
    "memory.max_usage_in_bytes": "memory_peak", "memory.failcnt": "failures", "pids.current": "tasks",
    "pids.peak": "tasks_peak", "cpuacct.usage": "cpu_ns",
}  # fmt: skip
_NAMED = {"usage_usec": "cpu_us", "throttled_usec": "throttled_us", "oom_kill": "failures"}
_IO = re.compile(r"\b(rbytes|wbytes)=(\d{1,20})")
_IO_1 = re.compile(r"\d+:\d+ (Read|Write) (\d{1,20})")


@dataclass
class _Group:
    origin: Origin
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, value: int) -> None:
        self.numbers[name] = self.numbers.get(name, 0) + value


def read_cgroups(recording: SectionRecording) -> tuple[CgroupUse, ...]:
    """The groups by their path. Other lines are skipped: kernels add some with each version."""
    groups: dict[str, _Group] = {}
    for line in file_lines(recording.part("cgroups")):
        match = _ROOT.fullmatch(line.path)
        if match is None:
            continue
        group = groups.setdefault(match["group"], _Group(Origin("use", "cgroups", line.number)))
        file, text = match["file"], line.text
        if file in _SINGLE:
            if re.fullmatch(r"\d{1,20}", text):
                group.numbers[_SINGLE[file]] = int(text)
        elif file == "io.stat":
            for name, number in _IO.findall(text):
                group.add(name, int(number))
        elif file == "blkio.throttle.io_service_bytes":
            if found := _IO_1.fullmatch(text):
                group.add("rbytes" if found[1] == "Read" else "wbytes", int(found[2]))
        else:
            name, _, value = text.partition(" ")
            if name in _NAMED and re.fullmatch(r"\d{1,20}", value):
                group.numbers[_NAMED[name]] = int(value)
    return tuple(_use(path, group) for path, group in sorted(groups.items()) if group.numbers)


def _use(path: str, group: _Group) -> CgroupUse:
    known = group.numbers
    cpu = known["cpu_us"] / 1e6 if "cpu_us" in known else known["cpu_ns"] / 1e9 if "cpu_ns" in known else None
    return CgroupUse(
        path=path,
        cpu_seconds=cpu,
        throttled_seconds=known["throttled_us"] / 1e6 if "throttled_us" in known else None,
        memory_bytes=known.get("memory"),
        memory_peak_bytes=known.get("memory_peak"),
        tasks=known.get("tasks"),
        tasks_peak=known.get("tasks_peak"),
        memory_failures=known.get("failures"),
        read_bytes=known.get("rbytes"),
        written_bytes=known.get("wbytes"),
        origin=group.origin,
    )
