"""NET014: hosts with policy routing, static neighbours or non-local addresses."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import addresses_in
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import bound_elsewhere, naming, reached_at
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_TOLD = 4


@rule("NET014", scope=Scope.HOST, needs=("network",), aliases=("special-routing",))
def policy_routing(subject: HostSubject) -> RuleAnswer:
    """Host has policy routing rules, static neighbour entries or binds non-local addresses.

    Why:
        A container's network has one route and no rules; its packets follow the container host's rules. Programs that
        bind to foreign addresses (IP_TRANSPARENT, ip_nonlocal_bind) intercept traffic that never reaches a container.
    Remedy:
        Set rules and neighbours on the container host; run a transparent proxy in the host's network with NET_ADMIN,
        and set net.ipv4.ip_nonlocal_bind with --sysctl if the container has the address only part of the time.
    Source:
        `ip rule`, /proc/net/arp and net.ipv4.ip_nonlocal_bind, which is a namespaced setting.
    """
    network = value_or_none(subject.host.snapshot.network)
    if network is not None:
        if network.rules:
            count = "1 rule" if len(network.rules) == 1 else f"{len(network.rules)} rules"
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} has {count} for policy routing.",
                tuple(Evidence(f"rule {each.priority}: {each.text}", each.origin) for each in network.rules[:_TOLD]),
                affects=reached_at(
                    subject.host, frozenset(one for each in network.rules for one in addresses_in(each.text))
                ),
            )
        if network.neighbours:
            yield Hit(
                Severity.MINOR,
                f"{subject.host.name} has static neighbour entries.",
                tuple(
                    Evidence(f"{each.address} is at {each.mac} on {each.interface}", each.origin)
                    for each in network.neighbours[:_TOLD]
                ),
                affects=naming(subject.host, frozenset(each.address for each in network.neighbours)),
            )
    for setting in subject.host.tuned_settings:
        if setting.name.endswith(".ip_nonlocal_bind") and setting.value == "1":
            yield Hit(
                Severity.MINOR,
                f"Programs on {subject.host.name} may bind to addresses that the host does not have.",
                (Evidence(f"{setting.name} is 1", setting.configured_origin or setting.origin),),
                affects=bound_elsewhere(subject.host),
            )
