"""NET015."""

from assess.model import Severity
from assess.rules.network.kernel_load_balancer import kernel_load_balancer
from inventory.model.network import VirtualServer
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.networks import network
from tests.support.snapshots import HostBuilder, origin


def test_services_of_ipvs_are_found_with_their_servers() -> None:
    host = HostBuilder()
    balanced = VirtualServer("TCP", "10.0.0.1:80", "wrr", ("10.0.0.2:80", "10.0.0.3:80"), origin("network"))
    host.overrides["network"] = Found(network(virtual_servers=(balanced,)))

    said = judge(kernel_load_balancer, host.build())

    assert said.about == [("web01", Severity.MAJOR)]
    assert "10.0.0.3:80" in said.findings[0].evidence[0].fact


def test_without_any_it_is_silent() -> None:
    host = HostBuilder()
    host.overrides["network"] = Found(network())

    assert judge(kernel_load_balancer, host.build()).silent
