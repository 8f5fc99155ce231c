"""Sockets, cores and NUMA nodes, from the small files of /sys/devices/system or, on old kernels, from /proc/cpuinfo."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from inventory.formats.grep_lines import FileLine
from inventory.model.system import Topology

_CPU = re.compile(r"/sys/devices/system/cpu/cpu(\d+)/topology/(\w+)", re.ASCII)
_NODE = re.compile(r"/sys/devices/system/node/node(\d+)/cpulist", re.ASCII)
_ONLINE = "/sys/devices/system/cpu/online"


def read_topology(lines: Iterable[FileLine], cpu: Mapping[str, str], cpus: int) -> Topology:
    """``cpu`` are the fields of the first processor of /proc/cpuinfo, ``cpus`` the number of those online.

    The masks of the processors that share a socket or a core are distinguished, as by lscpu: numbers of sockets and
    cores are -1 on some machines, and elsewhere (books and drawers of s390) only unique within something larger.
    """
    facts: dict[str, dict[str, str]] = {}
    nodes: set[str] = set()
    for line in lines:
        if match := _CPU.fullmatch(line.path):
            facts.setdefault(match[2], {})[match[1]] = line.text.strip()
        elif match := _NODE.fullmatch(line.path):
            nodes.add(match[1])
    together, threads = facts.get("core_siblings"), facts.get("thread_siblings")
    if together and threads:
        return Topology(len(set(together.values())), len(set(threads.values())), len(nodes))
    # a recording of an older probe
    packages, cores = facts.get("physical_package_id", {}), facts.get("core_id", {})
    if packages:
        pairs = {(package, cores.get(number, number)) for number, package in packages.items()}
        return Topology(len(set(packages.values())), len(pairs), len(nodes))
    siblings, each = _number(cpu.get("siblings", "")), _number(cpu.get("cpu cores", ""))
    if siblings and each and cpus:
        sockets = max(1, cpus // siblings)
        return Topology(sockets, min(sockets * each, cpus), len(nodes))
    return Topology(0, 0, len(nodes))


def online_cpus(lines: Iterable[FileLine]) -> int:
    """The number of CPUs in ``0-3,8``; 0 when the kernel does not list them."""
    text = next((line.text.strip() for line in lines if line.path == _ONLINE), "")
    count = 0
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        if _number(first) is None or (dash and _number(last) is None):
            return 0
        count += max(0, (_number(last) or 0) - (_number(first) or 0)) + 1 if dash else 1
    return count


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else None
