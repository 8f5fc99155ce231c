"""Sockets, cores and nodes."""

from __future__ import annotations

import os

import pytest

from inventory.formats.grep_lines import FileLine
from inventory.sections.operating_system.cpu_topology import online_cpus, read_topology

CPU = "/sys/devices/system/cpu"


def lines(files: dict[str, str]) -> list[FileLine]:
    return [FileLine(path, text, number, 1) for number, (path, text) in enumerate(files.items(), 1)]


def test_two_sockets_of_two_cores_with_two_threads() -> None:
    files = {
        f"{CPU}/cpu{number}/topology/{name}": str(value)
        for number in range(8)
        for name, value in (("physical_package_id", number % 2), ("core_id", number // 2 % 2))
    } | {"/sys/devices/system/node/node0/cpulist": "0-3", "/sys/devices/system/node/node1/cpulist": "4-7"}
    topology = read_topology(lines(files), {}, 8)

    assert (topology.sockets, topology.cores, topology.numa_nodes) == (2, 4, 2)


def test_masks_tell_sockets_and_cores_apart_where_numbers_do_not() -> None:
    """POWER7 has the socket -1 everywhere; on s390 the numbers begin anew in each book."""
    files = {
        f"{CPU}/cpu{number}/topology/{name}": str(value)
        for number in range(8)
        for name, value in (
            ("physical_package_id", -1),
            ("core_id", 0),
            ("core_siblings", "0f" if number < 4 else "f0"),
            ("thread_siblings", f"{3 << number // 2 * 2:02x}"),
        )
    }
    topology = read_topology(lines(files), {}, 8)

    assert (topology.sockets, topology.cores) == (2, 4)


def test_a_kernel_without_topology_says_it_in_cpuinfo() -> None:
    """Linux 2.6.9: eight processors, four to a package, two of these a core."""
    topology = read_topology([], {"siblings": "4", "cpu cores": "2"}, 8)

    assert (topology.sockets, topology.cores, topology.numa_nodes) == (2, 4, 0)
    assert read_topology([], {}, 8).sockets == 0


@pytest.mark.parametrize(
    ("text", "count"), [("0-3", 4), ("0", 1), ("0-1,4,6-7", 5), ("", 0), ("0-", 0), ("a", 0), ("3-1", 1)]
)
def test_a_list_of_processors_is_counted_without_being_written_out(text: str, count: int) -> None:
    assert online_cpus(lines({f"{CPU}/online": text})) == count
    assert online_cpus(lines({f"{CPU}/online": "0-99999999999999"})) == 10**14


def test_live_this_machine() -> None:
    files = {}
    for path in (f"{CPU}/online", *(f"{CPU}/cpu0/topology/{name}" for name in ("physical_package_id", "core_id"))):
        if os.path.exists(path):  # noqa: PTH110
            files[path] = open(path).read().strip()  # noqa: PTH123, SIM115
    if f"{CPU}/online" in files:
        assert online_cpus(lines(files)) == os.sysconf("SC_NPROCESSORS_ONLN")
