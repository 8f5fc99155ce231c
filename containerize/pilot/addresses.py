"""The private network of a pilot: one node for each legacy host, with the host's own addresses and names."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from containerize.plan import Plan
from containerize.runtimes.runtime import Network, Node

_ROUTES = Path("/proc/net/route")
_MOST_NODES = 200

LOOPBACK = "127.0.0.1"


def free_subnet(taken: Iterable[ipaddress.IPv4Network], choose: int | None = None) -> ipaddress.IPv4Network:
    """A /24 of 10.128.0.0/9 that no route of this machine and none of ``taken`` overlaps."""
    occupied = [*taken, *local_routes(_ROUTES.read_text(encoding="ascii") if _ROUTES.exists() else "")]
    start = secrets.randbelow(1 << 15) if choose is None else choose
    base = int(ipaddress.IPv4Address("10.128.0.0"))
    for offset in range(1 << 15):
        subnet = ipaddress.IPv4Network((base + ((start + offset) % (1 << 15) << 8), 24))
        if not any(subnet.overlaps(other) for other in occupied):
            return subnet
    raise AssertionError("all of 10.128.0.0/9 is routed here")


def local_routes(table: str) -> list[ipaddress.IPv4Network]:
    """The networks of /proc/net/route, without the default route."""
    networks = []
    for line in table.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 8:
            continue
        destination, mask = (int.from_bytes(bytes.fromhex(fields[at]), "little") for at in (1, 7))
        if mask:
            networks.append(ipaddress.IPv4Network((destination & mask, mask.bit_count())))
    return networks


def pilot_network(addresses: Mapping[str, Sequence[str]]) -> Network:
    """The network for these hosts, each with its legacy addresses. One that two hosts claim goes to the first."""
    legacy = {host: _usable(each) for host, each in addresses.items()}
    subnet = free_subnet(ipaddress.IPv4Network((each, 24), strict=False) for own in legacy.values() for each in own)
    free = list(subnet.hosts())[1 : _MOST_NODES + 1]
    nodes = []
    claimed: set[str] = set()
    for (host, own), address in zip(legacy.items(), free, strict=False):
        nodes.append(Node(host, str(address), tuple(each for each in own if each not in claimed)))
        claimed.update(own)
    return Network(str(subnet), tuple(nodes))


def _usable(addresses: Sequence[str]) -> tuple[str, ...]:
    usable = []
    for text in addresses:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError:
            continue
        if not (address.is_loopback or address.is_multicast or address.is_link_local or address.is_unspecified):
            usable.append(text)
    return tuple(dict.fromkeys(usable))


def names_of(plan: Plan, network: Network, plans: Sequence[Plan]) -> tuple[tuple[str, str], ...]:
    """/etc/hosts of a container: (name, address).

    First the hosts of this pilot under every name that somebody knows them by, then what else the legacy host's own
    file said: those addresses lead nowhere in here, as they should.
    """
    address_of = {node.name: (*node.legacy_addresses, node.address)[0] for node in network.nodes}
    owner = {address: node.name for node in network.nodes for address in node.legacy_addresses}
    found: dict[str, str] = {}
    for each in sorted(plans, key=lambda other: other.host != plan.host):
        address = address_of[each.host]
        for name in (each.hostname, each.hostname.partition(".")[0], each.host):
            found.setdefault(name, address)
    for name, address in plan.host_aliases:
        found.setdefault(name, address_of[owner[address]] if address in owner else address)
    for name, _, workload in plan.peers:
        host = workload.partition("/")[0]
        if host in address_of and not _is_address(name) and name != "localhost":
            found[name] = address_of[host]
    return tuple((name, address) for name, address in found.items() if name and not _is_address(name))


def addresses_at(network: Network, host: str) -> tuple[str, ...]:
    """The addresses that a copy of this host may take for its own or its client's: the questions come from within its
    node, or from this machine's end of the network.
    """
    ours = str(next(ipaddress.IPv4Network(network.subnet).hosts()))
    own = [(*node.legacy_addresses, node.address) for node in network.nodes if node.name == host]
    return (*(own[0] if own else ()), ours, LOOPBACK)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
