"""The kernel's tables: /proc/stat, meminfo, vmstat, diskstats, net/dev, net/snmp, net/netstat, pressure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inventory.formats.grep_lines import FileLine, file_lines
from inventory.model.use import CgroupUse, CpuTime, DiskUse, Hour, InterfaceUse, Pressure, Use
from inventory.observation import Origin
from inventory.recording import SectionRecording
from inventory.section import ParseError

TICKS = 100
"""USER_HZ, the unit of /proc/stat: 100 on every architecture that containers run on."""
SECTOR = 512
"""The unit of /proc/diskstats, whatever the disk's own sectors are (Documentation/admin-guide/iostats.rst)."""
# Partitions, and devices on top of disks that are counted already, would count twice.
_PART_OF_DISK = re.compile(
    r"(?:(?:sd|hd|vd|xvd)[a-z]+\d+|(?:nvme\d+n\d+|mmcblk\d+)p\d+|(?:loop|ram|fd|sr|dm-|md|zram)\d+)"
)
_NUMBER = re.compile(r"-?\d{1,20}")
_PRESSURE = re.compile(r"(some|full) avg10=(\d+\.\d+) avg60=(\d+\.\d+) avg300=(\d+\.\d+) total=(\d{1,20})")
_PROTOCOLS = frozenset({"Ip", "Tcp", "Udp", "TcpExt", "IpExt"})
_KEPT = frozenset({
    "pgpgin", "pgpgout", "pswpin", "pswpout", "pgfault", "pgmajfault", "oom_kill", "allocstall", "allocstall_normal",
    "pgscan_kswapd", "pgscan_direct", "pgsteal_kswapd", "pgsteal_direct", "compact_stall", "thp_fault_alloc",
    "numa_miss", "workingset_refault_file", "workingset_refault_anon",
})  # fmt: skip
"""Numbers of vmstat that show pressure; the others show the use of memory, as meminfo does."""


def read_counters(recording: SectionRecording, cgroups: tuple[CgroupUse, ...], hours: tuple[Hour, ...]) -> Use:
    """All tables together. Raises ParseError when /proc/stat has no line of CPU times."""
    files: dict[str, list[FileLine]] = {}
    for line in file_lines(recording.part("counters")):
        files.setdefault(line.path, []).append(line)
    cpu, origin = _cpu(files.get("/proc/stat", []))
    counters = _named(files.get("/proc/vmstat", []), _KEPT)
    for name, known in (("ctxt", "context_switches"), ("processes", "forks")):
        value = _first(files.get("/proc/stat", []), name)
        counters |= {} if value is None else {known: value}
    network = _protocols(files.get("/proc/net/snmp", [])) | _protocols(files.get("/proc/net/netstat", []))
    for path, name in (
        ("/proc/sys/net/netfilter/nf_conntrack_count", "conntrack.count"),
        ("/proc/sys/net/netfilter/nf_conntrack_max", "conntrack.max"),
        ("/proc/sys/net/ipv4/netfilter/ip_conntrack_count", "conntrack.count"),
        ("/proc/sys/net/ipv4/ip_conntrack_max", "conntrack.max"),
    ):
        lines = files.get(path)
        if lines and _NUMBER.fullmatch(lines[0].text.strip()):
            network.setdefault(name, int(lines[0].text))
    return Use(
        uptime_seconds=(_floats(files.get("/proc/uptime", []), 1) or [0.0])[0],
        cpu=cpu,
        load=_load(files.get("/proc/loadavg", [])),
        memory=tuple(_memory(files.get("/proc/meminfo", [])).items()),
        counters=tuple(counters.items()),
        network=tuple(network.items()),
        disks=_disks(files.get("/proc/diskstats", [])),
        interfaces=_interfaces(files.get("/proc/net/dev", [])),
        pressure=_pressure(files),
        cgroups=cgroups,
        hours=hours,
        origin=origin,
    )


def _origin(line: FileLine) -> Origin:
    return Origin("use", "counters", line.number)


def _cpu(lines: list[FileLine]) -> tuple[CpuTime, Origin]:
    """``cpu user nice system idle iowait irq softirq steal …``; kernels before 2.6 stop after idle."""
    for line in lines:
        words = line.text.split()
        if words[:1] == ["cpu"]:
            numbers = _integers(words[1:9])
            if len(numbers) < 4:
                break
            seconds = [number / TICKS for number in numbers] + [0.0] * (8 - len(numbers))
            return CpuTime(*seconds), _origin(line)
    raise ParseError("counters has no CPU times")


def _load(lines: list[FileLine]) -> tuple[float, float, float]:
    values = _floats(lines, 3)
    return (values[0], values[1], values[2]) if len(values) == 3 else (0.0, 0.0, 0.0)


def _floats(lines: list[FileLine], most: int) -> list[float]:
    words = lines[0].text.split()[:most] if lines else []
    return [float(word) for word in words if re.fullmatch(r"\d{1,15}(?:\.\d{1,9})?", word)]


def _integers(words: list[str]) -> list[int]:
    """The numbers up to the first word that is none."""
    found: list[int] = []
    for word in words:
        if not _NUMBER.fullmatch(word):
            break
        found.append(int(word))
    return found


def _first(lines: list[FileLine], name: str) -> int | None:
    for line in lines:
        words = line.text.split()
        if words[:1] == [name] and (numbers := _integers(words[1:2])):
            return numbers[0]
    return None


def _named(lines: list[FileLine], kept: frozenset[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        name, _, value = line.text.partition(" ")
        if name in kept and _NUMBER.fullmatch(value):
            found[name] = int(value)
    return found


def _memory(lines: list[FileLine]) -> dict[str, int]:
    """``MemTotal:  2048 kB``; lines without a unit are counts of pages."""
    found: dict[str, int] = {}
    for line in lines:
        name, colon, rest = line.text.partition(":")
        words = rest.split()
        if colon and words and _NUMBER.fullmatch(words[0]):
            found[name] = int(words[0]) * (1024 if words[1:] == ["kB"] else 1)
    return found


def _protocols(lines: list[FileLine]) -> dict[str, int]:
    """Pairs of lines: ``Tcp: RtoAlgorithm …`` names what the next line ``Tcp: 1 …`` counts."""
    found: dict[str, int] = {}
    names: Mapping[str, list[str]] = {}
    for line in lines:
        protocol, colon, rest = line.text.partition(":")
        words = rest.split()
        if not colon or protocol not in _PROTOCOLS:
            continue
        if protocol in names and words and _NUMBER.fullmatch(words[0]):
            pairs = zip(names[protocol], words, strict=False)
            found |= {f"{protocol}.{name}": int(value) for name, value in pairs if _NUMBER.fullmatch(value)}
        else:
            names = {protocol: words}
    return found


def _disks(lines: list[FileLine]) -> tuple[DiskUse, ...]:
    """``major minor name reads merged sectors ms writes merged sectors ms under-way busy-ms …``, only whole disks."""
    found: list[DiskUse] = []
    for line in lines:
        words = line.text.split()
        numbers = _integers(words[3:14])
        if len(numbers) < 10 or _PART_OF_DISK.fullmatch(words[2]) or not (numbers[0] or numbers[4]):
            continue
        found.append(
            DiskUse(
                words[2],
                numbers[0],
                numbers[2] * SECTOR,
                numbers[4],
                numbers[6] * SECTOR,
                numbers[9] / 1000,
                _origin(line),
            )
        )
    return tuple(found)


def _interfaces(lines: list[FileLine]) -> tuple[InterfaceUse, ...]:
    """``name: 8 numbers received, 8 sent``; there may be no blank behind the colon. Two lines are a heading."""
    found: list[InterfaceUse] = []
    for line in lines:
        name, colon, rest = line.text.rpartition(":")
        n = _integers(rest.split())
        if colon and len(n) >= 16:
            sent = n[8:12]
            found.append(
                InterfaceUse(name.strip(), n[0], n[1], n[2], n[3], sent[0], sent[1], sent[2], sent[3], _origin(line))
            )
    return tuple(found)


def _pressure(files: Mapping[str, list[FileLine]]) -> tuple[Pressure, ...]:
    found: list[Pressure] = []
    for path, lines in files.items():
        for line in lines if path.startswith("/proc/pressure/") else ():
            if match := _PRESSURE.fullmatch(line.text):
                averages = (float(match[2]), float(match[3]), float(match[4]))
                resource = path.rpartition("/")[2]
                found.append(Pressure(resource, match[1], *averages, int(match[5]) / 1e6, _origin(line)))
    return tuple(found)
