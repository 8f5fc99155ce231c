"""The server's own names and addresses, as the container has them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from containerize.emitters.host_names import is_host_name
from containerize.plan.model import ImagePlan

_PREFIXES = (30, 29, 28)
"""A network as small as possible: on the container host it hides the other addresses in it."""


@dataclass(frozen=True, slots=True)
class OwnNetwork:
    """A network in which the container has an address of the server."""

    name: str
    address: str
    subnet: str
    gateway: str


def own_names(plan: ImagePlan) -> tuple[str, ...]:
    """The names of the server itself, the canonical one first. A plan of an earlier version has only its aliases."""
    if plan.own_names:
        return plan.own_names
    own = {plan.hostname, plan.hostname.partition(".")[0]}
    addresses = {address for name, address in plan.host_aliases if name in own}
    return tuple(dict.fromkeys(name for name, address in plan.host_aliases if address in addresses))


def domain_of(plan: ImagePlan) -> str:
    """The domain that completes the host's name; "" where it is complete, or nothing on the server completes it."""
    if "." in plan.hostname:
        return ""
    begin = f"{plan.hostname}."
    full = (name for name in own_names(plan) if name.startswith(begin) and is_host_name(name))
    return next(full, begin).removeprefix(begin)


def other_names(plan: ImagePlan) -> list[str]:
    """The own names that an engine does not give a container by itself."""
    names = (name for name in own_names(plan) if is_host_name(name))
    return [name for name in dict.fromkeys(names) if name != plan.hostname]


def own_networks(plans: Iterable[ImagePlan]) -> list[OwnNetwork]:
    """A network for each address of the server that settings name. An engine gives a container one address of a
    network, so of two that no small network tells apart the first is given.
    """
    found: list[OwnNetwork] = []
    taken: list[ipaddress.IPv4Network] = []
    for address in sorted({each for plan in plans for each in plan.own_addresses}, key=_number):
        for subnet in _around(address):
            if not any(subnet.overlaps(other) for other in taken):
                gateway = next(host for host in subnet.hosts() if str(host) != address)
                taken.append(subnet)
                name = "default" if not found else f"address-{len(found) + 1}"
                found.append(OwnNetwork(name, address, str(subnet), str(gateway)))
                break
    return found


def _around(address: str) -> Sequence[ipaddress.IPv4Network]:
    try:
        networks = [ipaddress.IPv4Network((address, prefix), strict=False) for prefix in _PREFIXES]
    except ValueError:
        return ()
    own = ipaddress.IPv4Address(address)
    return [each for each in networks if own not in (each.network_address, each.broadcast_address)]


def _number(address: str) -> tuple[int, str]:
    try:
        return int(ipaddress.IPv4Address(address)), ""
    except ValueError:
        return 0, address
