"""Independent witnesses on real hosts: `ss`, `ip`, `findmnt` and `lsblk`, beside the sections."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.ansible.inventory_file import read_hosts
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.section import Section
from inventory.sections.disks import mounts, storage
from inventory.sections.networking import network, sockets
from inventory.transports import connect
from inventory.transports.transport import Transport
from tests.estate import Estate
from tests.support.live import REDACTOR

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]


@pytest.fixture(scope="module", params=["web01", "vm01"])
def host(request: pytest.FixtureRequest) -> Iterator[Transport]:
    """A host in namespaces, and a machine with a kernel of its own."""
    with Estate.running([request.param]) as estate:
        (found,) = read_hosts(Path(estate.hosts_ini), limit=request.param)
        with connect(found) as transport:
            yield transport


def answer(host: Transport, section: Section[Any]) -> Any:
    """What the probe finds."""
    recording = run_probe(host, Platform.POSIX, REDACTOR, "host", time.time, ProbeOptions(sections=(section,)))
    observation = section.observe(recording.section(section.name), Platform.POSIX)
    assert isinstance(observation, Found), observation
    return observation.value


def said(host: Transport, command: str) -> list[str]:
    """The lines that a tool of the host prints; the test is skipped where the host has not got it."""
    done = host.run(f"PATH=/usr/sbin:/sbin:$PATH; type {command.split()[0]} >/dev/null 2>&1 || exit 99; {command}")
    if done.exit_status == 99:
        pytest.skip(f"no {command.split()[0]} on this host")
    return done.stdout.decode().splitlines()


def test_listeners_as_ss_says(host: Transport) -> None:
    rows = [line.split() for line in said(host, "ss -Htuln")]
    theirs = {(row[0], int(row[4].rpartition(":")[2])) for row in rows}
    ours = answer(host, sockets.SECTION).listeners

    assert {(one.protocol.removesuffix("6"), one.port) for one in ours if not one.protocol.startswith("raw")} == theirs


def test_groups_and_addresses_as_ip_says(host: Transport) -> None:
    value = answer(host, network.SECTION)
    links = json.loads("\n".join(said(host, "ip -j addr")))
    theirs = {(link["ifname"], each["local"], each["prefixlen"]) for link in links for each in link["addr_info"]}
    groups = "\n".join(said(host, "ip maddr show"))
    listed = set(re.findall(r"inet6?\s+([0-9a-f.:]+)", groups))

    assert {(one.interface, one.address, one.prefix) for one in value.addresses} == theirs
    assert {one.name: one.mtu for one in value.interfaces} == {link["ifname"]: link["mtu"] for link in links}
    assert {one.group for one in answer(host, sockets.SECTION).multicast} == listed


def test_the_default_route_as_ip_says(host: Transport) -> None:
    theirs = {line.split()[2] for line in said(host, "ip route show default")}

    assert {one.gateway for one in answer(host, network.SECTION).routes if one.destination == "0.0.0.0/0"} == theirs


def test_mounts_as_findmnt_says(host: Transport) -> None:
    theirs = [line.split(" ") for line in said(host, "findmnt -rno TARGET,FSTYPE,MAJ:MIN")]
    ours = answer(host, mounts.SECTION).mounts

    assert sorted((one.target, one.filesystem, one.device) for one in ours) == sorted(map(tuple, theirs))


def test_devices_as_lsblk_says(host: Transport) -> None:
    rows = [line.split(" ") for line in said(host, "lsblk -abnro NAME,MAJ:MIN,SIZE")]
    theirs = {row[0]: (row[1], int(row[2])) for row in rows if len(row) > 2 and row[2] not in ("", "0")}

    assert {one.name: (one.number, one.size_bytes) for one in answer(host, storage.SECTION).devices} == theirs
