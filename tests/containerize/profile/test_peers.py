"""Whom a workload talks to, as its files and connections say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.profile.peers import Peer, PeerFinder
from tests.support.snapshots import HostBuilder


@pytest.fixture
def estate() -> EstateFacts:
    """vm01 with a proxy and, beside it, a gateway; db01 with a database."""
    vm01 = HostBuilder("vm01", "10.77.0.14")
    vm01.init()
    vm01.listen(vm01.process(50, "/opt/proxy/proxy"), 80)
    vm01.listen(vm01.process(60, "/opt/meters/gateway"), 7400, address="127.0.0.1")
    db01 = HostBuilder("db01", "10.77.0.12")
    db01.init()
    db01.listen(db01.process(50, "/usr/sbin/mariadbd"), 3306)
    hosts = [built.build() for built in (vm01, db01)]
    return EstateFacts(tuple(HostFacts(snapshot, find_workloads(snapshot)) for snapshot in hosts), (), 0.0)


def peers(estate: EstateFacts, content: bytes) -> tuple[Peer, ...]:
    finder = PeerFinder(estate.known, "vm01", (), ["vm01/proxy"])
    finder.read("/etc/proxy.conf", content)
    return finder.peers()


@pytest.mark.parametrize("address", [b"127.0.0.1", b"localhost", b"[::1]"])
def test_the_service_next_door_is_a_peer(estate: EstateFacts, address: bytes) -> None:
    found = peers(estate, b"server {\n  proxy_pass http://" + address + b":7400/;\n}\n")

    assert found == ((address.decode().strip("[]"), 7400, "vm01/gateway"),)


@pytest.mark.parametrize(
    "content",
    [
        b"dsn = dbi:Pg:dbname=meters;host=127.0.0.1;port=7400\n",
        b'{"port": 80, "redis": {"host": "127.0.0.1", "port": 7400}}\n',
        b"[gateway]\nhost = 127.0.0.1\nport = 7400\n",
        b"GATEWAY_HOST=127.0.0.1\nGATEWAY_PORT='7400'\n",
        b"connect('127.0.0.1', port=7400)\n",
    ],
)
def test_the_port_may_stand_beside_the_address(estate: EstateFacts, content: bytes) -> None:
    assert peers(estate, content) == (("127.0.0.1", 7400, "vm01/gateway"),)


@pytest.mark.parametrize(
    "content",
    [
        b"host = 127.0.0.1\n\n[another]\nport = 7400\n",
        b"# host = 127.0.0.1; port = 7400\n",
        b"# proxy_pass http://127.0.0.1:7400/;\n",
        b"listen 127.0.0.1:80;\n",
        b"http://127.0.0.1:9999/\n",
        b"10.127.0.0.1:7400",
    ],
)
def test_comments_own_ports_and_ports_of_nobody_name_no_peer(estate: EstateFacts, content: bytes) -> None:
    assert peers(estate, content) == ()


def test_a_service_of_another_host_is_a_peer_where_its_port_is_named_too(estate: EstateFacts) -> None:
    assert peers(estate, b"host = 10.77.0.12\nport = 3306\n") == (("10.77.0.12", 3306, "db01/mariadbd"),)
    assert peers(estate, b"host = 10.77.0.12\n") == ()


def test_a_host_that_takes_a_name_of_etc_hosts_gets_no_connections(estate: EstateFacts) -> None:
    """What vm01 itself resolves to db01 does not lead to the host that calls itself so."""
    evil = HostBuilder("ledger", "10.77.0.66")
    evil.init()
    evil.listen(evil.process(50, "/opt/trap/trapd"), 3306)
    built = replace(evil.build(), host="evil01")
    both = replace(estate, hosts=(HostFacts(built, find_workloads(built)), *estate.hosts))
    finder = PeerFinder(both.known, "vm01", [("ledger", "10.77.0.12")], ["vm01/proxy"])

    finder.read("/etc/proxy.conf", b"mysql://ledger:3306/")

    assert finder.peers() == (("ledger", 3306, "db01/mariadbd"),)


def test_what_a_package_ships_names_no_peer(estate: EstateFacts) -> None:
    example = b"# cache\nproxy_pass http://127.0.0.1:7400/;\n"
    finder = PeerFinder(estate.known, "vm01", (), ["vm01/proxy"], lambda path, content: path == "/etc/default.conf")

    finder.read("/etc/default.conf", example)
    assert finder.peers() == ()
    finder.read("/etc/proxy.conf", example)
    assert finder.peers() == (("127.0.0.1", 7400, "vm01/gateway"),)
    finder.read("/etc/default.conf", b"dsn = host=127.0.0.1;port=7400\n")
    assert finder.peers() == (("127.0.0.1", 7400, "vm01/gateway"),)
