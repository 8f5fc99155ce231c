"""NET013."""

import pytest

from assess.model import Severity
from assess.rules.network.layer_two_interface import layer_two_interface
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.networks import interface, network
from tests.support.snapshots import HostBuilder


@pytest.mark.parametrize(
    ("name", "kind", "severity"),
    [
        ("tun0", "tun", Severity.MAJOR),
        ("wg0", "wireguard", Severity.MAJOR),
        ("br0", "bridge", Severity.MINOR),
        ("eth0.100", "vlan", Severity.MINOR),
        ("bond0", "bond", Severity.INFO),
        ("eth0", "ethernet", None),
        ("lo", "loopback", None),
        ("docker0", "bridge", None),
        ("virbr0", "bridge", None),
        ("sit0", "sit", None),
        ("eth0", "virtual", None),
    ],
)
def test_interfaces_that_are_a_hosts_are_found(name: str, kind: str, severity: Severity | None) -> None:
    host = HostBuilder()
    host.overrides["network"] = Found(network(interfaces=(interface(name, kind),)))

    assert judge(layer_two_interface, host.build()).about == ([("web01", severity)] if severity else [])
