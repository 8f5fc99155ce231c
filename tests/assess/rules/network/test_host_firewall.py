"""NET016."""

import pytest

from assess.model import Severity
from assess.rules.network.host_firewall import host_firewall
from inventory.model.firewall import Firewall, FirewallChain, FirewallRule
from inventory.observation import Found
from tests.support.judging import Verdicts, judge
from tests.support.networks import network
from tests.support.snapshots import HostBuilder, origin


def filtering(*texts: str, chain: str = "INPUT", policy: str = "accept") -> Verdicts:
    host = HostBuilder()
    chains = (FirewallChain("ip", "filter", "INPUT", policy, origin("network")),)
    rules = tuple(FirewallRule("iptables", "ip", "filter", chain, text, origin("network")) for text in texts)
    host.overrides["network"] = Found(network(firewall=Firewall(chains, rules)))
    return judge(host_firewall, host.build())


def test_rules_that_filter_and_those_that_translate_are_told_apart() -> None:
    said = filtering("-p tcp --dport 22 -j ACCEPT", "-p tcp --dport 80 -j REDIRECT --to-ports 8080")

    assert said.about == [("web01", Severity.MINOR), ("web01", Severity.INFO)]
    assert "--publish" in said.findings[0].remedy


def test_a_chain_that_drops_the_rest_is_a_filter() -> None:
    assert filtering(policy="drop").about == [("web01", Severity.INFO)]


@pytest.mark.parametrize("chain", ["DOCKER", "NETAVARK_INPUT", "KUBE-SERVICES"])
def test_what_an_engine_made_is_its_own(chain: str) -> None:
    assert filtering("-p tcp -j DNAT --to-destination 172.17.0.2:80", chain=chain).silent


def test_no_rules_are_no_finding_and_unread_ones_no_pass() -> None:
    assert filtering().silent
    host = HostBuilder()
    host.overrides["network"] = Found(network(firewall=None))
    assert [each.section for each in judge(host_firewall, host.build()).undetermined] == ["network"]


def test_rules_that_were_read_are_told_where_others_could_not_be() -> None:
    host = HostBuilder()
    rules = (FirewallRule("iptables", "ip", "filter", "INPUT", "-p tcp --dport 22 -j ACCEPT", origin("network")),)
    host.overrides["network"] = Found(network(firewall=Firewall((), rules, ("nf_tables",))))
    said = judge(host_firewall, host.build())

    assert said.about == [("web01", Severity.INFO)]
    assert [each.reason for each in said.undetermined] == ["the rules of nf_tables could not be read"]
