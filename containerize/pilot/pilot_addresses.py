"""The private network of a pilot: one node per legacy host, with its addresses and names."""

from __future__ import annotations

import ipaddress
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from containerize.plan.model import ImagePlan
from containerize.runtimes.runtime import NetworkNode, NetworkSpec

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


@dataclass(frozen=True, slots=True)
class Attribution:
    """To which host of the estate an address or a name (in lower case) belongs: "" where several claim it and nothing
    proves it. What no host claims is missing.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


NOTHING_KNOWN = Attribution()


def legacy_addresses(
    claimed: Mapping[str, Sequence[str]], proven: Mapping[str, Sequence[str]], attribution: Attribution = NOTHING_KNOWN
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """The addresses that each host keeps in the pilot, and a sentence for each claim that is not believed.

    ``claimed`` is what hosts report of themselves, ``proven`` what the inventory and the connection show. A host that
    claims another's address would get the connections, and the passwords, that are meant for the other.
    """
    own = {host: _usable([*addresses, *proven.get(host, ())]) for host, addresses in claimed.items()}
    claimants = Counter(address for addresses in own.values() for address in addresses)
    provers = Counter(address for addresses in proven.values() for address in _usable(addresses))
    given: dict[str, tuple[str, ...]] = {}
    refused = []
    for host, addresses in own.items():
        kept = []
        for address in addresses:
            if provers[address]:
                believed = provers[address] == 1 and address in proven.get(host, ())
            else:
                believed = claimants[address] == 1 and attribution.addresses.get(address, host) == host
            if believed:
                kept.append(address)
            elif address not in proven.get(host, ()):
                refused.append(
                    f"{host} reports the address {address}, which is not known to be its own; its copy does not get it"
                )
        given[host] = tuple(kept)
    return given, tuple(refused)


def pilot_network(legacy: Mapping[str, Sequence[str]]) -> NetworkSpec:
    """The network for these hosts, each with its legacy addresses (see :func:`legacy_addresses`)."""
    subnet = free_subnet(ipaddress.IPv4Network((each, 24), strict=False) for own in legacy.values() for each in own)
    free = list(subnet.hosts())[1 : _MOST_NODES + 1]
    nodes = [
        NetworkNode(host, str(address), tuple(own)) for (host, own), address in zip(legacy.items(), free, strict=False)
    ]
    return NetworkSpec(str(subnet), tuple(nodes))


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


def names_of(
    plan: ImagePlan, network: NetworkSpec, plans: Sequence[ImagePlan], attribution: Attribution = NOTHING_KNOWN
) -> tuple[tuple[str, str], ...]:
    """/etc/hosts of a container: (name, address).

    First its own names, then the other hosts of this pilot by their names in the inventory, then by what they call
    themselves where no other host has that name, then what else the legacy host's own file says: those addresses lead
    nowhere in here, as they should.
    """
    address_of = {node.name: (*node.legacy_addresses, node.address)[0] for node in network.nodes}
    owner = {address: node.name for node in network.nodes for address in node.legacy_addresses}
    others = {each.host: each for each in plans if each.host != plan.host}
    claims = (
        *_names_claimed(plan),
        *(name for name in plan.own_names if attribution.names.get(name.lower(), plan.host) == plan.host),
    )
    first = [name for name in plan.own_names if name in claims][:1]
    own = (*first, *claims, plan.host)
    found: dict[str, str] = dict.fromkeys(own, address_of[plan.host])
    for host in others:
        found.setdefault(host, address_of[host])
    claimants = Counter(name.lower() for each in (plan, *others.values()) for name in _names_claimed(each))
    for host, each in others.items():
        for name in _names_claimed(each):
            if claimants[name.lower()] == 1 and attribution.names.get(name.lower(), host) == host:
                found.setdefault(name, address_of[host])
    for name, address in plan.host_aliases:
        found.setdefault(name, address_of[owner[address]] if address in owner else address)
    for name, _, workload in plan.peers:
        host = workload.partition("/")[0]
        if host in address_of and not _is_address(name) and name != "localhost":
            found[name] = address_of[host]
    return tuple((name, address) for name, address in found.items() if name and not _is_address(name))


def _names_claimed(plan: ImagePlan) -> tuple[str, ...]:
    """The names of a host: its full name and the short one."""
    return tuple(dict.fromkeys(name for name in (plan.hostname, plan.hostname.partition(".")[0]) if name))


def addresses_at(network: NetworkSpec, host: str) -> tuple[str, ...]:
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
