"""NET034: hosts that report an address or a name that belongs to another host."""

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
    """Host reports an address or host name that belongs to another host.

    Why:
        Dependencies, the move order and the pilot network are derived from addresses and names. A cloned host, a moved
        address or a compromised host can report an identity that is not its own; connections and passwords meant for
        the other host would then go to it. The inventory and the verified connection take precedence. An identity that
        several hosts report and none can prove is assigned to none of them.
    Remedy:
        Find out which host has the address or name now, and correct the other one. If the address really belongs to
        this host, set ansible_host for it in the inventory.
    Source:
        Addresses and host name that the host reported; ansible_host in the inventory; the peer of the SSH connection.
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
                f"{host.name} reports the address {address}, which the inventory or the connection assigns to"
                f" {owner.name}.",
                (_seen(network, address),),
                affects=(),
            )
        elif address in unattributed:
            yield Hit(
                Severity.INFO,
                f"The address {address} is also reported by {_list(others)}; it is assigned to none of them.",
                (_seen(network, address),),
            )
    if _is_claim(me):
        owner = estate.host_by_name.get(me.hostname)
        others = [name for name in estate.name_claimants.get(me.hostname, ()) if name != host.name]
        evidence = (Evidence(f"the host reports the name {me.hostname}"),)
        if owner is not None and owner is not me:
            yield Hit(
                Severity.MINOR,
                f"{host.name} reports the name {me.hostname}, which belongs to host {owner.name}.",
                evidence,
                affects=(),
            )
        elif me.hostname in unattributed:
            words = f"The name {me.hostname} is also used by {_list(others)}; it is assigned to none of them."
            yield Hit(Severity.INFO, words, evidence)


def attributed_to_none(estate: EstateIndex, host: HostFacts) -> frozenset[str]:
    """Return the addresses and the name that several hosts report and nothing proves: what uses the host by one of them
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
    """Whether a host reports a name that the inventory does not have for it."""
    return bool(host.hostname) and host.hostname not in _NAMES_OF_NONE and host.hostname not in host.names


def _seen(network: Network | None, address: str) -> Evidence:
    for each in network.addresses if network else ():
        if each.address == address:
            return Evidence(f"{address} is on {each.interface or 'an interface'}", each.origin)
    return Evidence(f"a socket of the host has the address {address}")


def _stays_on_the_host(network: Network | None, address: str) -> bool:
    """Whether the address is unreachable from outside: it is on a bridge for containers or virtual machines, and every
    host with such an engine has the same. An address that a cluster manager moves has a finding already.
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
