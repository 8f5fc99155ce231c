"""NET010."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.network.multicast_group import multicast_group
from inventory.model.sockets import MulticastMembership, Sockets
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def member_of(group: str, *listeners: tuple[str, str, int], interface: str = "eth0") -> Snapshot:
    """A host in ``group`` whose services /opt/s0, /opt/s1 … have each one socket: protocol, address, port."""
    host = HostBuilder()
    host.init()
    for number, (protocol, address, port) in enumerate(listeners):
        host.listen(host.process(50 + number, f"/opt/s{number}/s{number}"), port, protocol=protocol, address=address)
    sockets = value_or_none(host.build().sockets)
    assert isinstance(sockets, Sockets)
    joined = MulticastMembership(interface, group, 1, origin("sockets", 1, "igmp"))
    host.overrides["sockets"] = Found(replace(sockets, multicast=(joined,)))
    return host.build()


def test_who_is_bound_to_the_group_is_its_member() -> None:
    said = judge(multicast_group, member_of("239.1.2.3", ("udp", "239.1.2.3", 5000), ("udp", "0.0.0.0", 6000)))

    assert said.about == [("web01/s0", Severity.MAJOR)]
    assert "239.1.2.3" in said.messages[0]


def test_a_well_known_group_belongs_to_its_port_or_protocol() -> None:
    said = judge(multicast_group, member_of("224.0.0.18", ("udp", "0.0.0.0", 6000), ("raw", "0.0.0.0", 112)))

    assert said.about == [("web01/s1", Severity.MAJOR)]
    assert "VRRP" in said.messages[0]


def test_otherwise_each_who_takes_udp_from_anywhere_may_be_the_member() -> None:
    sockets = (("udp", "0.0.0.0", 45564), ("tcp", "0.0.0.0", 80), ("udp", "10.77.0.11", 99), ("udp6", "::", 7))

    assert [name for name, _ in judge(multicast_group, member_of("228.0.0.4", *sockets)).about] == [
        "web01/s0",
        "web01/s3",
    ]
    assert [name for name, _ in judge(multicast_group, member_of("ff02::abcd", *sockets)).about] == ["web01/s3"]


@pytest.mark.parametrize(
    ("group", "interface"), [("224.0.0.1", "eth0"), ("ff02::1:ff00:1", "eth0"), ("239.1.2.3", "lo")]
)
def test_groups_of_every_host_and_those_of_loopback_are_not(group: str, interface: str) -> None:
    assert judge(multicast_group, member_of(group, ("udp", "0.0.0.0", 6000), interface=interface)).silent


def test_who_is_told_the_group_when_it_is_started_is_its_member() -> None:
    host = HostBuilder()
    host.init()
    joined = ("UDP4-RECV:9010,ip-add-membership=239.1.2.3:10.77.0.11", "-")
    host.listen(host.process(50, "/usr/bin/socat", *joined), 9010, protocol="udp")
    host.listen(host.process(51, "/opt/s/s", "239.1.2.30"), 5060, protocol="udp")
    sockets = value_or_none(host.build().sockets)
    assert isinstance(sockets, Sockets)
    membership = MulticastMembership("eth0", "239.1.2.3", 1, origin("sockets", 1, "igmp"))
    host.overrides["sockets"] = Found(replace(sockets, multicast=(membership,)))

    assert judge(multicast_group, host.build()).about == [("web01/socat", Severity.MAJOR)]


def test_that_one_of_several_is_the_member_is_said_as_what_it_is() -> None:
    one = judge(multicast_group, member_of("228.0.0.4", ("udp", "0.0.0.0", 45564)))
    several = judge(multicast_group, member_of("228.0.0.4", ("udp", "0.0.0.0", 45564), ("udp", "0.0.0.0", 5060)))

    assert one.messages == ["The service belongs to the multicast group 228.0.0.4."]
    assert [severity for _, severity in several.about] == [Severity.MINOR] * 2
    assert set(several.messages) == {
        "The service, or another one on its host, belongs to the multicast group 228.0.0.4."
    }
