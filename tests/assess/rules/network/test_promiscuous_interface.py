"""NET017."""

from assess.model import Severity
from assess.rules.network.promiscuous_interface import promiscuous_interface
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.networks import interface, network
from tests.support.snapshots import HostBuilder


def test_who_listens_in_is_found_and_members_of_bridges_are_not() -> None:
    host = HostBuilder()
    host.overrides["network"] = Found(
        network(
            interfaces=(
                interface("eth0", flags=0x1103),
                interface("eth1", flags=0x1103),
                interface("br0", "bridge", "eth1", flags=0x1103),
                interface("eth2"),
            )
        )
    )

    said = judge(promiscuous_interface, host.build())

    assert said.about == [("web01", Severity.MAJOR)]
    assert said.messages == ["Interface eth0 of web01 is in promiscuous mode."]
