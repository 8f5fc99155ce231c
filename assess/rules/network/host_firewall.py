"""NET016: hosts with packet filter rules."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.host_users import listening_at
from assess.subjects.rule_subjects import HostSubject
from inventory.model.firewall import FirewallRule
from inventory.observation import value_or_none

_TRANSLATES = re.compile(r"\b(?:REDIRECT|DNAT|SNAT|TPROXY|redirect|dnat|snat|tproxy)\b")
_NUMBER = re.compile(r"(?<![\d.])\d{1,5}(?![\d.])")
_OF_ENGINES = ("DOCKER", "NETAVARK", "CNI", "KUBE-", "cali-", "LIBVIRT_", "LXD", "FLANNEL")
_TOLD = 6


@rule("NET016", scope=Scope.HOST, needs=("network",), aliases=("firewall-of-host",))
def host_firewall(subject: HostSubject) -> RuleAnswer:
    """Host has packet filter rules that containers do not inherit.

    Why:
        A container's network starts without rules, and iptables in an image often does not work with the container
        host's kernel (nft only). Rules that protect the service must be recreated elsewhere; rules that translate ports
        and addresses define how clients reach it today.
    Remedy:
        Recreate rules that admit clients as network policies (or as container host rules, in the chain DOCKER-USER),
        and rules that translate a port as published ports.
    Source:
        `nft list ruleset` and iptables-save; Docker's documentation on packet filtering.
    """
    network = value_or_none(subject.host.snapshot.network)
    if network is None:
        return
    if network.firewall is None:
        yield Undecided("network", "the packet filter rules could not be read")
        return
    if network.firewall.unread:
        yield Undecided("network", f"the rules of {' and '.join(network.firewall.unread)} could not be read")
    own = [each for each in network.firewall.rules if not _of_engine(each)]
    translating = [each for each in own if _TRANSLATES.search(each.text)]
    if translating:
        yield Hit(
            Severity.MINOR,
            f"{_rules(translating)} on {subject.host.name} "
            f"{'translates' if len(translating) == 1 else 'translate'} ports or addresses.",
            _evidence(translating),
            "Replace each such rule by publishing the port under the number that clients use (--publish).",
            affects=listening_at(
                subject.host, frozenset(int(each) for rule in translating for each in _NUMBER.findall(rule.text))
            ),
        )
    filtering = [each for each in own if not _TRANSLATES.search(each.text)]
    closed = [each for each in network.firewall.chains if each.policy == "drop" and each.name.upper() != "FORWARD"]
    if filtering or closed:
        yield Hit(
            Severity.INFO,
            f"{subject.host.name} has a packet filter with {_rules(filtering)}.",
            (
                *_evidence(filtering),
                *(
                    Evidence(f"chain {each.name} of {each.table} drops everything that no rule accepts", each.origin)
                    for each in closed[:2]
                ),
            ),
        )


def _rules(rules: list[FirewallRule]) -> str:
    return "1 rule" if len(rules) == 1 else f"{len(rules)} rules"


def _of_engine(each: FirewallRule) -> bool:
    return (
        each.chain.startswith(_OF_ENGINES) or any(name in each.text for name in _OF_ENGINES) or each.table == "netavark"
    )


def _evidence(rules: list[FirewallRule]) -> tuple[Evidence, ...]:
    return tuple(Evidence(f"{each.table} {each.chain}: {each.text}", each.origin) for each in rules[:_TOLD])
