"""NET013: hosts with tunnels, bridges, bonds or VLANs."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_facts import HostFacts
from assess.subjects.host_users import Ids, both, bound_to, holding, reached_at
from assess.subjects.rule_subjects import HostSubject
from inventory.model.network import Interface, Network
from inventory.observation import value_or_none

_TUNNELS = {"tun": "a tunnel created by a program", "tunnel": "a tunnel", "wireguard": "WireGuard", "ppp": "PPP",
            "gre": "GRE", "ipip": "an IP-in-IP tunnel", "sit": "an IPv6 tunnel", "ip6tnl": "a tunnel",
            "vxlan": "VXLAN", "geneve": "Geneve", "l2tpeth": "L2TP"}  # fmt: skip
_OF_ENGINES = (
    "docker",
    "br-",
    "virbr",
    "lxcbr",
    "lxdbr",
    "podman",
    "cni",
    "flannel.",
    "cali",
    "veth",
    "kube-",
    "tunl0",
)
_IDLE = ("sit0", "gre0", "gretap0", "erspan0", "ip6tnl0", "tunl0", "ip_vti0", "ip6_vti0", "ip6gre0")
"""Interfaces that a module creates when it is loaded and that carry no traffic."""


@rule("NET013", scope=Scope.HOST, needs=("network",))
def layer_two_interface(subject: HostSubject) -> RuleAnswer:
    """Host has tunnels, bridges, bonds or VLANs.

    Why:
        Interfaces belong to the host: a container gets one end of a virtual cable. A program that creates a tunnel or
        bridge needs NET_ADMIN and the host's network; a VLAN or bond must exist before the container starts.
    Remedy:
        Keep bonds and VLANs on the container host and give the container a network on them (macvlan or ipvlan with
        --opt parent=eth0.100). Leave tunnels to the host, or run their program in the host's network with NET_ADMIN.
    Source:
        /sys/class/net, /proc/net/vlan and /proc/net/bonding; documentation of Docker's macvlan driver.
    """
    network = value_or_none(subject.host.snapshot.network)
    if network is None:
        return
    for interface in network.interfaces:
        what, severity = _kind(network, interface)
        if what:
            yield Hit(
                severity,
                f"{subject.host.name} has {interface.name}, {what}.",
                (
                    Evidence(
                        f"{interface.name} is {interface.state}"
                        + (f" and uses {', '.join(interface.lower)}" if interface.lower else ""),
                        interface.origin,
                    ),
                ),
                affects=_users(subject.host, network, interface),
            )


def _users(host: HostFacts, network: Network, interface: Interface) -> Ids:
    """For a tunnel, the services that create it or are reached through it; else those that listen on its addresses."""
    addresses = frozenset(each.address for each in network.addresses if each.interface == interface.name)
    if interface.kind not in _TUNNELS:
        return bound_to(host, addresses)
    makes = holding(host, "/dev/net/tun") if interface.kind == "tun" else ()
    return both(makes, reached_at(host, addresses))


def _kind(network: Network, interface: Interface) -> tuple[str, Severity]:
    if interface.name in _IDLE or interface.name.startswith(_OF_ENGINES):
        return "", Severity.INFO
    if interface.kind in _TUNNELS:
        return _TUNNELS[interface.kind], Severity.MAJOR
    if interface.kind == "bridge":
        return "a bridge", Severity.MINOR
    for vlan in network.vlans:
        if vlan.name == interface.name:
            return f"VLAN {vlan.number} of {vlan.parent}", Severity.MINOR
    if interface.kind == "vlan":
        return "a VLAN", Severity.MINOR
    for bond in network.bonds:
        if bond.name == interface.name:
            return f"a bond of {', '.join(bond.members)}", Severity.INFO
    return ("a bond", Severity.INFO) if interface.kind in ("bond", "team") else ("", Severity.INFO)
