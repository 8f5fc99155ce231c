"""A copy reaches the other copies and nothing else: no other network, and nothing that listens on this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from containerize.runtimes.docker import DockerRuntime
from containerize.runtimes.docker_networks import EngineNetworks
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, Runtime, RuntimeFailed

from .conftest import IMAGE
from .test_contract import FOREVER, NETWORK, ask

pytestmark = pytest.mark.engine


@contextmanager
def listening(address: str) -> Iterator[tuple[int, list[str]]]:
    """A server of this machine that greets; the port, and who came."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    came: list[str] = []
    with closing(socket.create_server((address, 0), family=family, dualstack_ipv6=family == socket.AF_INET6)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, peer = server.accept()
                except OSError:
                    return
                came.append(peer[0])
                with connection:
                    connection.sendall(b"hello " + connection.recv(100))

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], came
        server.shutdown(socket.SHUT_RDWR)


def addresses_of_this_machine() -> list[str]:
    listed = subprocess.run(["ip", "-json", "address"], capture_output=True, check=True).stdout
    return [each["local"] for interface in json.loads(listed) for each in interface["addr_info"]]


def test_a_copy_reaches_nothing_that_listens_on_this_machine(runtime: Runtime, pilot: PilotId) -> None:
    """A member of group docker gave this machine the first address of the network."""
    runtime.create_network(pilot, NETWORK)
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, node="web01"))
    gateways = ["10.213.77.1", "10.213.77.254", "198.51.100.1", "198.51.100.254"]
    tried = [*addresses_of_this_machine(), *gateways]
    with listening("::") as (port, came):
        tries = " ".join(f"{address}" for address in dict.fromkeys(tried) if not address.startswith("127."))
        said = ask(runtime, container, f"for a in {tries}; do echo x | nc -w 1 $a {port}; done")
        ask(runtime, container, f"echo x | nc -w 1 127.0.0.1 {port}; echo x | nc -w 1 ::1 {port}")
    assert came == []
    assert "hello" not in said


def test_a_copy_has_no_way_to_other_networks(runtime: Runtime, pilot: PilotId) -> None:
    runtime.create_network(pilot, NETWORK)
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, node="web01"))
    routes = [line.split() for line in ask(runtime, container, "cat /proc/net/route").splitlines()[1:]]
    assert [route for route in routes if route[1] == "00000000"] == []
    interfaces = {
        line.split()[-1] for line in ask(runtime, container, "cat /proc/net/if_inet6 2>/dev/null").splitlines()
    }
    if isinstance(runtime, DockerRuntime) and isinstance(runtime._networks, EngineNetworks):
        assert interfaces <= {"lo"}, "the bridge of Docker has an IPv6 address on this machine"


def test_no_frames_made_by_hand_reach_the_ipv6_address_of_the_bridge(runtime: Runtime, pilot: PilotId) -> None:
    """The kernel answers on fe80:: of Docker's bridge, and by default root in a container has NET_RAW."""
    if not (isinstance(runtime, DockerRuntime) and isinstance(runtime._networks, EngineNetworks)):
        pytest.skip("this machine has no interface on the network of its pilots")
    runtime.create_network(pilot, NETWORK)
    container = runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, node="web01"))
    bounds = ask(runtime, container, "cat /proc/1/status").partition("CapBnd:")[2].split()[0]
    assert not int(bounds, 16) >> 13 & 1
    before = len(runtime.notes)
    spec = ContainerSpec("b", IMAGE, FOREVER, node="web01", capabilities=("CAP_NET_RAW",))
    allowed = ask(runtime, runtime.start(pilot, spec), "cat /proc/1/status").partition("CapBnd:")[2].split()[0]
    assert int(allowed, 16) >> 13 & 1
    assert "CAP_NET_RAW" in runtime.notes[before]


def test_what_was_allowed_is_reached_and_nothing_beside_it(runtime: Runtime, pilot: PilotId) -> None:
    runtime.create_network(pilot, NETWORK)
    with listening("127.0.0.2") as (port, came), listening("127.0.0.2") as (other, others):
        spec = ContainerSpec("a", IMAGE, FOREVER, node="web01", destinations=(("127.0.0.2", port),))
        if isinstance(runtime, DockerRuntime) and isinstance(runtime._networks, EngineNetworks):
            with pytest.raises(RuntimeFailed, match="only root can open a way out"):
                runtime.start(pilot, spec)
            return
        container = runtime.start(pilot, spec)
        assert ask(runtime, container, f"echo ada | nc -w 2 127.0.0.2 {port}") == "hello ada"
        ask(runtime, container, f"echo ada | nc -w 1 127.0.0.2 {other}")
        assert (len(came), others) == (1, [])


def test_a_way_out_ends_with_the_pilot(runtime: Runtime, pilot: PilotId) -> None:
    before = threading.active_count()
    runtime.create_network(pilot, NETWORK)
    with listening("127.0.0.2") as (port, _):
        if isinstance(runtime, DockerRuntime) and isinstance(runtime._networks, EngineNetworks):
            pytest.skip("has none")
        runtime.start(pilot, ContainerSpec("a", IMAGE, FOREVER, node="web01", destinations=(("127.0.0.2", port),)))
        runtime.remove_pilot(pilot)
    for _ in range(100):
        if threading.active_count() <= before:
            break
        time.sleep(0.05)
    assert threading.active_count() <= before
