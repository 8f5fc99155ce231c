"""NET017: hosts with an interface in promiscuous mode."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import with_packet_sockets
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none


@rule("NET017", scope=Scope.HOST, needs=("network",))
def promiscuous_interface(subject: HostSubject) -> RuleAnswer:
    """Interface is in promiscuous mode: a program captures traffic for other hosts.

    Why:
        A program in a container's network sees only its own virtual cable, not the host's traffic or a switch's mirror
        port.
    Remedy:
        Run the sniffer or sensor in the host's network with NET_RAW and NET_ADMIN, on a host that has the interface.
    Source:
        Flag IFF_PROMISC in /sys/class/net/*/flags; netdevice(7). Bridges and bonds set it for their members.
    """
    network = value_or_none(subject.host.snapshot.network)
    if network is None:
        return
    members = {name for each in network.interfaces for name in each.lower}
    for interface in network.interfaces:
        if interface.promiscuous and interface.name not in members and interface.kind not in ("bridge", "bond", "tun"):
            yield Hit(
                Severity.MAJOR,
                f"Interface {interface.name} of {subject.host.name} is in promiscuous mode.",
                (Evidence(f"{interface.name} has the flags 0x{interface.flags:x}", interface.origin),),
                affects=with_packet_sockets(subject.host),
            )
