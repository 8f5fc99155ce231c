"""NET012."""

from assess.model import Severity
from assess.rules.network.virtual_address import virtual_address
from inventory.model.network import Address, VirtualAddress
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.networks import network
from tests.support.snapshots import HostBuilder, origin


def address(text: str, label: str, *, secondary: bool = False) -> Address:
    return Address("eth0", text, 24, "global", label, secondary, False, origin("network"))


def test_an_address_that_keepalived_moves_is_found_once() -> None:
    host = HostBuilder()
    moved = VirtualAddress("10.77.0.100", "keepalived", "VI_1", origin("network", 3))
    host.overrides["network"] = Found(
        network(virtual_addresses=(moved, moved), addresses=(address("10.77.0.100", "eth0", secondary=True),))
    )

    said = judge(virtual_address, host.build())

    assert said.about == [("web01", Severity.MAJOR)]
    assert said.messages[0].endswith("between hosts. This host has it now.")


def test_a_further_address_is_found_and_the_first_is_not() -> None:
    host = HostBuilder()
    host.overrides["network"] = Found(
        network(addresses=(address("10.77.0.11", "eth0"), address("10.77.0.12", "eth0:1")))
    )

    said = judge(virtual_address, host.build())

    assert said.about == [("web01", Severity.MINOR)]
    assert "10.77.0.12" in said.messages[0]
