"""Hosts with very many processes are hosts too."""

import sys
from collections.abc import Callable

import pytest

from assess.workloads import find_workloads
from assess.workloads.init_scripts import read_script
from tests.support.snapshots import HostBuilder


def calls(action: Callable[[], object]) -> int:
    """How many functions ``action`` calls: a measure of work that no busy machine changes."""
    counted = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return counted


def orphans(count: int) -> HostBuilder:
    """The same program over and over, each with init as its parent."""
    host = HostBuilder()
    host.init()
    for number in range(count):
        host.process(100 + number, "/opt/worker/worker", f"--id={number}")
    return host


def services(count: int) -> HostBuilder:
    """Many programs, each of an init script."""
    host = HostBuilder()
    host.init()
    for number in range(count):
        host.listen(host.process(100 + number, f"/opt/s{number}/s{number}"), 1000 + number)
        host.init_script(f"s{number}", f"exec /opt/s{number}/s{number}\n")
    return host


def connections(count: int) -> HostBuilder:
    """sshd whose every child has a child that is sshd."""
    host = HostBuilder()
    host.init()
    for number in range(count):
        host.process(100 + number, "/usr/sbin/sshd", ppid=100 + number - 1 if number else 1)
    return host


@pytest.mark.parametrize("kind", [orphans, services, connections])
def test_work_grows_with_the_number_of_processes_and_not_with_its_square(kind: Callable[[int], HostBuilder]) -> None:
    small, large = kind(100).build(), kind(400).build()
    find_workloads(kind(10).build())

    assert calls(lambda: find_workloads(large)) < 5 * calls(lambda: find_workloads(small))


def test_a_script_that_grows_by_its_own_variables_is_bounded() -> None:
    text = "".join(f"V{number}=$V{number - 1}$V{number - 1}$V{number - 1}/x\n" for number in range(1, 60))
    text = "V0=/aaaaaaaaaaaaaaaaaaaaaaaa\n" + text + "echo " + "$V59" * 10000

    assert sum(len(path) for path in read_script(text).paths) < 10_000_000
