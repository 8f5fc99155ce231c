"""NET020, NET021, NET022 and NET033: what a target does with the ports of a service."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.network.ephemeral_port_conflict import ephemeral_port_conflict
from assess.rules.network.port_outside_node_ports import port_outside_node_ports
from assess.rules.network.privileged_port import privileged_port
from assess.rules.network.swarm_port_conflict import swarm_port_conflict
from tests.support.judging import TARGET, judge, target
from tests.support.snapshots import HostBuilder

KUBERNETES = target(engine="kubernetes", node_ports=(30_000, 32_767))


def listening(port: int, *, uid: int = 0, name: str = "web01", address: str = "0.0.0.0") -> HostBuilder:
    host = HostBuilder(name)
    host.init()
    host.listen(host.process(50, "/opt/x/x", uid=uid), port, address=address)
    return host


def test_a_port_that_outgoing_connections_may_take_is_found() -> None:
    said = judge(ephemeral_port_conflict, listening(45_000).build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert "45000/tcp is in the range 32768 to 60999" in said.messages[0]
    assert "ip_local_reserved_ports=45000" in said.findings[0].remedy


def test_a_reserved_port_one_below_the_range_and_one_on_loopback_are_not() -> None:
    reserved = replace(TARGET, reserved_ports=((44_990, 45_010),))

    assert judge(ephemeral_port_conflict, listening(45_000).build(), targets=(reserved,)).silent
    assert judge(ephemeral_port_conflict, listening(8080).build()).silent
    assert judge(ephemeral_port_conflict, listening(45_000, address="127.0.0.1").build()).silent


def test_a_range_that_is_not_known_decides_nothing_above_1024() -> None:
    unknown = replace(TARGET, ephemeral_ports=None)

    assert judge(ephemeral_port_conflict, listening(45_000).build(), targets=(unknown,)).missing == {""}
    assert judge(ephemeral_port_conflict, listening(80).build(), targets=(unknown,)).silent


def test_the_range_of_node_ports_is_one_of_the_target_too() -> None:
    said = judge(ephemeral_port_conflict, listening(30_100).build(), targets=(KUBERNETES,))

    assert "NodePort range" in said.messages[0]
    assert judge(ephemeral_port_conflict, listening(30_100).build()).silent


def test_windows_is_told_to_exclude_the_port() -> None:
    windows = target(name="win", system="windows", ephemeral_ports=(49_152, 65_535))
    said = judge(ephemeral_port_conflict, listening(50_000).build(), targets=(windows,))

    assert "netsh int ipv4 add excludedportrange tcp 50000 1" in said.findings[0].remedy


def test_only_a_number_that_clients_cannot_change_matters_to_node_ports() -> None:
    said = judge(port_outside_node_ports, listening(53).build(), targets=(KUBERNETES,))

    assert said.about == [("web01/x", Severity.MINOR)]
    assert judge(port_outside_node_ports, listening(8080).build(), targets=(KUBERNETES,)).silent
    assert judge(port_outside_node_ports, listening(53).build()).silent


def test_an_engine_without_root_cannot_publish_a_low_port() -> None:
    rootless = target(engine="podman", rootless=True, unprivileged_port_start=1024)
    said = judge(privileged_port, listening(80).build(), targets=(rootless,))

    assert said.about == [("web01/x", Severity.MINOR)]
    assert "ip_unprivileged_port_start=80" in said.findings[0].remedy
    lowered = replace(rootless, unprivileged_port_start=80)
    assert judge(privileged_port, listening(80).build(), targets=(lowered,)).silent
    assert judge(privileged_port, listening(8080).build(), targets=(rootless,)).silent


def test_a_low_port_of_an_ordinary_user_is_a_note_and_of_root_nothing() -> None:
    assert judge(privileged_port, listening(80, uid=33).build()).about == [("web01/x", Severity.INFO)]
    assert judge(privileged_port, listening(80).build()).silent


@pytest.mark.parametrize(
    "unknown", [{"engine": "podman", "rootless": None}, {"rootless": True, "unprivileged_port_start": None}]
)
def test_an_engine_of_which_too_little_is_known_decides_nothing(unknown: dict[str, object]) -> None:
    assert judge(privileged_port, listening(80).build(), targets=(target(**unknown),)).missing == {""}


def test_on_a_swarm_two_services_cannot_have_one_port() -> None:
    hosts = (listening(80).build(), listening(80, name="web02").build())
    swarm, unknown = target(swarm=True), target(swarm=None)

    assert judge(swarm_port_conflict, *hosts, targets=(swarm,)).about == [
        ("web01/x", Severity.MAJOR),
        ("web02/x", Severity.MAJOR),
    ]
    assert judge(swarm_port_conflict, *hosts, targets=(unknown,)).missing == {""}
    assert judge(swarm_port_conflict, *hosts).silent
    assert judge(swarm_port_conflict, hosts[0], targets=(swarm,)).silent
