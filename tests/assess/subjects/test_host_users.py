"""What is said of a whole host weighs on the services that use the thing, and on no other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.assessment import Assessment
from assess.model import Severity
from inventory.model.kernel import KernelKey
from inventory.model.network import Address, PolicyRule, StaticNeighbour, VirtualAddress, VirtualServer
from inventory.model.sockets import ProtocolUse, Sockets
from inventory.observation import Found
from tests.support.judging import assess
from tests.support.networks import interface, network
from tests.support.snapshots import HostBuilder, origin

VIP = "10.77.0.100"


def address(text: str, name: str = "eth0", label: str = "eth0") -> Address:
    return Address(name, text, 24, "global", label, False, False, origin("network"))


def host_of(**facts: object) -> HostBuilder:
    """A host with two services, of which one has to do with the thing and one has not."""
    host = HostBuilder("lb01", "10.77.0.11")
    host.init()
    using = host.process(50, "/opt/using/bin/using", unit="using.service", uid=500)
    host.unit("using.service", 50)
    other = host.process(60, "/opt/other/bin/other", unit="other.service", uid=501)
    host.unit("other.service", 60)
    host.listen(using, 8443, address=VIP)
    host.listen(other, 9000, address="0.0.0.0")
    host.overrides["network"] = Found(network(**facts))  # type: ignore[arg-type]
    return host


def weighed(host: HostBuilder, rule: str) -> list[str]:
    """The services whose reasons have the finding that ``rule`` made of the host."""
    assessment = assess(host.build())
    messages = {
        each.message for each in assessment.findings if each.rule == rule and each.severity is not Severity.INFO
    }
    assert messages
    return names(assessment, messages)


def names(assessment: Assessment, messages: set[str]) -> list[str]:
    return [
        each.workload.name
        for each in assessment.workloads
        if each.workload.kind == "service" and messages.intersection(each.reasons)
    ]


def test_the_address_that_keepalived_moves() -> None:
    moved = VirtualAddress(VIP, "keepalived", "VI_1", origin("network", 3))

    assert weighed(host_of(virtual_addresses=(moved,)), "NET012") == ["using"]


def test_a_setting_that_names_a_moved_address_shows_its_service() -> None:
    moved = VirtualAddress(VIP, "keepalived", "VI_1", origin("network", 3))
    host = host_of(virtual_addresses=(moved,))
    host.config("/opt/other/other.conf", f"advertise = {VIP}")

    assert weighed(host, "NET012") == ["using", "other"]


def test_a_connection_that_comes_and_goes_changes_no_verdict() -> None:
    moved = VirtualAddress(VIP, "keepalived", "VI_1", origin("network", 3))
    host = host_of(virtual_addresses=(moved,))
    host.connect(host.processes[-1], "10.77.0.99", 40000, local=VIP, local_port=9000)

    assert weighed(host, "NET012") == ["using"]


def test_a_further_address() -> None:
    assert weighed(host_of(addresses=(address("10.77.0.11"), address(VIP, label="eth0:1"))), "NET012") == ["using"]


def test_a_tunnel_is_of_who_makes_it() -> None:
    host = host_of(interfaces=(interface("tun0", "tun"),), addresses=(address("10.8.0.1", "tun0", "tun0"),))
    host.open(host.processes[1], "/dev/net/tun")

    assert weighed(host, "NET013") == ["using"]


def test_a_tunnel_is_of_who_is_reached_through_it() -> None:
    host = host_of(interfaces=(interface("wg0", "wireguard"),), addresses=(address("10.8.0.1", "wg0", "wg0"),))
    host.listen(host.processes[-1], 9001, address="10.8.0.1")

    assert weighed(host, "NET013") == ["other"]


def test_a_bridge_is_of_who_listens_on_its_address() -> None:
    host = host_of(interfaces=(interface("br0", "bridge"),), addresses=(address(VIP, "br0", "br0"),))

    assert weighed(host, "NET013") == ["using"]


@pytest.mark.parametrize(
    "facts",
    [
        {"rules": (PolicyRule(100, f"from {VIP} lookup 100", origin("network")),)},
        {"neighbours": (StaticNeighbour("10.77.0.5", "52:54:00:00:00:01", "eth0", origin("network")),)},
    ],
    ids=["rule", "neighbour"],
)
def test_routing_is_of_whose_addresses_it_names(facts: dict[str, object]) -> None:
    host = host_of(**facts)
    host.config("/opt/using/using.conf", "peer = 10.77.0.5")

    assert weighed(host, "NET014") == ["using"]


def test_the_load_balancer_of_the_kernel_is_of_the_program_that_fills_it() -> None:
    host = host_of(virtual_servers=(VirtualServer("tcp", f"{VIP}:80", "rr", ("10.77.0.12:80",), origin("network")),))
    assert weighed(host, "NET015") == []

    host.processes[1] = replace(host.processes[1], executable="/usr/sbin/nanny")
    assert weighed(host, "NET015") == ["using"]


def test_a_family_of_sockets_without_a_table_is_of_who_holds_a_socket_that_none_lists() -> None:
    host = host_of()
    sockets = Sockets(tuple(host.listeners), (), (), protocols=(ProtocolUse("XDP", 1, origin("sockets")),))
    host.overrides["sockets"] = Found(sockets)
    assert weighed(host, "KRN011") == ["using", "other"], "it is not known whose they are"

    host.open(host.processes[1], "socket:[987654]")
    assert weighed(host, "KRN011") == ["using"]


def test_keys_are_of_the_account_that_owns_them() -> None:
    host = host_of()
    kernel = host.build().kernel
    assert isinstance(kernel, Found)
    key = KernelKey(7, "user", "ticket", 500, origin("kernel"))
    host.overrides["kernel"] = Found(replace(kernel.value, keys=(key,)))

    assert weighed(host, "SEC008") == ["using"]
