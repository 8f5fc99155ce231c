"""NET034: a host reports an address or a name that another host has."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import EstateIndex, IndexedHost
from assess.subjects.host_facts import HostFacts
from assess.subjects.rule_subjects import HostSubject
from inventory.model.network import Network
from inventory.observation import value_or_none

_NAMED = 5
_NAMES_OF_NONE = frozenset({"localhost", "localhost.localdomain"})


@rule("NET034", scope=Scope.HOST)
def contested_identity(subject: HostSubject) -> RuleAnswer:
    """The host reports an address or a host name that belongs to another host.

    Why:
        Dependencies, the order of moves and the network of a pilot are built from addresses and names. A host that was
        cloned, an address that was moved, or a compromised host can report what is not its own; connections and
        passwords meant for the other host would then lead to it. The inventory and the connection that was made win.
        What several hosts report, and neither proves, is given to none of them.
    Remedy:
        Find out which host has the address or name now, and correct the other one. Give the host an ansible_host in the
        inventory where the address is really its own.
    Source:
        Addresses and host name that the host reported; ansible_host of the inventory; the peer of the SSH connection.
    """
    host, estate = subject.host, subject.estate
    me = estate.known[host.name]
    network = value_or_none(host.snapshot.network)
    unattributed = attributed_to_none(estate, host)
    for address in sorted(host.addresses - host.proven_addresses):
        owner = estate.host_by_address.get(address)
        others = [name for name in estate.address_claimants.get(address, ()) if name != host.name]
        if owner is not None and owner is not me:
            yield Hit(
                Severity.MINOR,
                f"{host.name} reports the address {address}, which the inventory or the connection gives to"
                f" {owner.name}.",
                (_seen(network, address),),
                affects=(),
            )
        elif address in unattributed:
            yield Hit(
                Severity.INFO,
                f"The address {address} is also reported by {_list(others)}; it is attributed to none of them.",
                (_seen(network, address),),
            )
    if _is_claim(me):
        owner = estate.host_by_name.get(me.hostname)
        others = [name for name in estate.name_claimants.get(me.hostname, ()) if name != host.name]
        evidence = (Evidence(f"the host calls itself {me.hostname}"),)
        if owner is not None and owner is not me:
            yield Hit(
                Severity.MINOR,
                f"{host.name} calls itself {me.hostname}, which is host {owner.name}.",
                evidence,
                affects=(),
            )
        elif me.hostname in unattributed:
            words = f"The name {me.hostname} is also used by {_list(others)}; it is attributed to none of them."
            yield Hit(Severity.INFO, words, evidence)


def attributed_to_none(estate: EstateIndex, host: HostFacts) -> frozenset[str]:
    """The addresses and the name that a host and others report, and nothing proves: what uses the host by one of them
    is not known.
    """
    me, network = estate.known[host.name], value_or_none(host.snapshot.network)
    found = {
        address
        for address in host.addresses - host.proven_addresses
        if address in estate.address_claimants
        and address not in estate.host_by_address
        and not _stays_on_the_host(network, address)
    }
    if _is_claim(me) and me.hostname in estate.name_claimants and me.hostname not in estate.host_by_name:
        found.add(me.hostname)
    return frozenset(found)


def _is_claim(host: IndexedHost) -> bool:
    """Whether a host calls itself by a name that the inventory does not give it."""
    return bool(host.hostname) and host.hostname not in _NAMES_OF_NONE and host.hostname not in host.names


def _seen(network: Network | None, address: str) -> Evidence:
    for each in network.addresses if network else ():
        if each.address == address:
            return Evidence(f"{address} is on {each.interface or 'an interface'}", each.origin)
    return Evidence(f"a socket of the host has the address {address}")


def _stays_on_the_host(network: Network | None, address: str) -> bool:
    """Whether nothing outside reaches the address: it is on a bridge of containers or virtual machines, and every host
    with such an engine has the same. An address that a cluster manager moves has a finding already.
    """
    if network is None:
        return False
    if any(each.address == address for each in network.virtual_addresses):
        return True
    holders = [network.interface(each.interface) for each in network.addresses if each.address == address]
    return bool(holders) and all(
        holder is not None
        and holder.kind == "bridge"
        and not any(member.physical for name in holder.lower if (member := network.interface(name)))
        for holder in holders
    )


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
