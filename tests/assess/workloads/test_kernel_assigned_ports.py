"""A UDP socket at which only answers arrive is no port of a service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.subjects.host_facts import HostFacts
from assess.subjects.unidentified_listeners import unidentified_listeners
from assess.workloads import find_workloads
from assess.workloads.kernel_assigned_ports import names_port
from inventory.model.sysctls import Sysctl
from inventory.observation import Found
from inventory.snapshot import Snapshot
from tests.support.snapshots import HostBuilder, origin


def ports(snapshot: Snapshot) -> list[tuple[str, int]]:
    (found,) = (each for each in find_workloads(snapshot) if each.name == "resolver")
    return [(owned.listener.protocol, owned.listener.port) for owned in found.listeners]


def resolver(*arguments: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    server = host.process(100, "/usr/sbin/resolver", *arguments)
    host.listen(server, 53, protocol="udp")
    host.listen(server, 41000, protocol="udp")
    host.listen(server, 41000, protocol="tcp")
    return host


def test_a_port_that_the_kernel_picked_is_none() -> None:
    assert ports(resolver().build()) == [("udp", 53), ("tcp", 41000)]


@pytest.mark.parametrize("given", ["arguments", "configuration"])
def test_a_port_that_somebody_wrote_down_is_one(given: str) -> None:
    host = resolver(*(["--listen=41000"] if given == "arguments" else []))
    host.config("/etc/resolver/server.conf", *(["port 41000"] if given == "configuration" else ["port 141000"]))

    assert ("udp", 41000) in ports(host.build())


def test_the_range_is_that_of_the_host() -> None:
    snapshot = resolver().build()
    setting = Sysctl("net.ipv4.ip_local_port_range", "50000 60999", "", origin("sysctls"))
    snapshot = replace(snapshot, observations={**snapshot.observations, "sysctls": Found((setting,))})

    assert ("udp", 41000) in ports(snapshot)


def test_one_whose_owner_was_not_seen_is_left_out_too() -> None:
    host = resolver()
    host.listen(host.process(900, "/usr/sbin/gone"), 45000, protocol="udp")
    host.listen(host.processes[-1], 45001)
    host.files = [file for file in host.files if file.pid != 900]
    host.processes.pop()
    snapshot = host.build()

    found = unidentified_listeners(HostFacts(snapshot, find_workloads(snapshot)))

    assert [each.owned.listener.port for each in found] == [45001]


@pytest.mark.parametrize(
    ("text", "named"), [("a 41000", True), ("1.41000", False), ("=41000,", True), ("410001", False)]
)
def test_a_number_is_a_port_where_it_stands_alone(text: str, named: bool) -> None:
    assert names_port([text], 41000) == named
