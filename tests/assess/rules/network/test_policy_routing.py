"""NET014."""

from assess.model import Severity
from assess.rules.network.policy_routing import policy_routing
from inventory.model.network import PolicyRule, StaticNeighbour
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.networks import network
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder, origin


def test_rules_neighbours_and_foreign_addresses_are_found() -> None:
    host = HostBuilder()
    host.overrides["network"] = Found(
        network(
            rules=(PolicyRule(100, "from 10.0.0.0/8 lookup 7", origin("network")),),
            neighbours=(StaticNeighbour("10.0.0.9", "02:00:00:00:00:09", "eth0", origin("network")),),
        )
    )
    host.overrides["sysctls"] = Found((setting("net.ipv4.ip_nonlocal_bind", "1"),))

    said = judge(policy_routing, host.build())

    assert said.about == [("web01", Severity.MINOR)] * 3
    assert "from 10.0.0.0/8 lookup 7" in said.findings[0].evidence[0].fact


def test_a_host_without_is_silent() -> None:
    host = HostBuilder()
    host.overrides["network"] = Found(network())

    assert judge(policy_routing, host.build()).silent
