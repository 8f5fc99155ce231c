"""The port map of the estate: owner, source, clients and competitors of each port."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from sys import intern
from typing import NamedTuple

from assess.configuration_text.ip_addresses import is_local_address, plain_address
from assess.model import PortUse, Workload
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.estate_index import EstateIndex, IndexedHost
from assess.subjects.host_facts import HostFacts
from assess.subjects.port_sources import port_source
from assess.subjects.unidentified_listeners import is_unidentified
from assess.workloads.published_ports import is_published, transport_of
from inventory.observation import value_or_none

_MOST_CLIENTS = 50
"""A busy server has thousands of clients; the map names as many, and the rest are like them."""
_MOST_OF_A_HOST = 10
"""Of one host, so that what it reports leaves room for the clients of others."""


class Contact(NamedTuple):
    """A connection of a host, as far as the map needs it. ``port`` is the server's; ``workload`` is the place of the
    client among the workloads of its host, -1 for none, and of an inbound one not known.
    """

    inbound: bool
    port: int
    remote: str
    workload: int


def contacts_of(host: HostFacts) -> tuple[Contact, ...]:
    """The connections of a host that may tell a client of a server, each once."""
    place = {id(workload): number for number, workload in enumerate(host.workloads)}
    found: dict[Contact, None] = {}
    for owned in value_or_none(host.snapshot.connections) or ():
        connection = owned.connection
        remote = intern(plain_address(connection.remote_address))
        if owned.inbound:
            if not is_local_address(remote):
                found[Contact(True, connection.local_port, remote, -1)] = None
            continue
        client = next((host.workload_of_pid[pid] for pid in owned.pids if pid in host.workload_of_pid), None)
        found[Contact(False, connection.remote_port, remote, place[id(client)] if client else -1)] = None
    return tuple(found)


def clients_of_ports(estate: EstateIndex, contacts: Iterable[Sequence[Contact]]) -> Clients:
    """Return the clients of (host, port): from the servers' own connections, and from those of the scanned clients.

    ``contacts`` are those of the hosts of the estate, in their order. One pass over all of them.

    A connection that only its client reports is believed: hosts are not scanned at one moment, and a service that is
    taken for used is kept.
    """
    found: dict[tuple[str, int], dict[str, None]] = {}
    tellers: set[tuple[str, tuple[str, int]]] = set()
    told_by_clients: list[tuple[tuple[str, int], IndexedHost, str]] = []
    owners = estate.host_by_address
    for host, of_host in zip(estate.hosts, contacts, strict=True):
        told: Counter[tuple[str, int]] = Counter()
        for contact in of_host:
            if not contact.inbound:
                peer = estate.reached_from(host, contact.remote)
                if peer is not None and told[server := (peer.name, contact.port)] < _MOST_OF_A_HOST:
                    told[server] += 1
                    _note(found, server, host.workloads[contact.workload].id if contact.workload >= 0 else host.name)
                continue
            server, peer = (host.name, contact.port), owners.get(contact.remote)
            if peer is not None and peer.connections_seen and peer is not host:
                # A client that was scanned tells itself which workload it is.
                told_by_clients.append((server, peer, contact.remote))
            elif peer is not host:
                _note(found, server, peer.name if peer else contact.remote)
        tellers.update((host.name, server) for server in told)
    # It may also hide the connection, or have only claimed the address of the client.
    for server, peer, remote in told_by_clients:
        if (peer.name, server) not in tellers:
            _note(found, server, peer.name if remote in peer.proven_addresses else remote)
    return {server: tuple(sorted(names)) for server, names in found.items()}


def port_uses(estate: EstateIndex, host: HostFacts, clients: Clients) -> tuple[PortUse, ...]:
    """A row for each bound port of each workload of a host, and for each listener whose process could not be seen."""
    rows: list[PortUse] = []
    for workload in host.workloads:
        rows.extend(_rows_of(estate, host, workload, clients))
    rows.extend(_rows_without_owner(estate, host, clients))
    return tuple(rows)


Clients = Mapping[tuple[str, int], tuple[str, ...]]
"""By (host, port) the ids of workloads, names of hosts and addresses that connect to it."""


def port_plan(estate: EstateFacts) -> tuple[PortUse, ...]:
    """The rows of all hosts: linear in the size of the estate."""
    clients = clients_of_ports(estate.known, [contacts_of(host) for host in estate.hosts])
    return tuple(row for host in estate.hosts for row in port_uses(estate.known, host, clients))


def _rows_of(estate: EstateIndex, host: HostFacts, workload: Workload, clients: Clients) -> Iterator[PortUse]:
    by_pid = {process.pid: process for process in workload.processes}
    told: set[tuple[str, str, int]] = set()
    for owned in workload.listeners:
        listener = owned.listener
        key = (listener.protocol, listener.address, listener.port)
        # A server with SO_REUSEPORT has a socket for each worker; to the map they are one.
        if listener.protocol.startswith("raw") or key in told:
            continue
        told.add(key)
        holder = next((by_pid[pid] for pid in owned.pids if pid in by_pid), workload.main)
        claim = (transport_of(listener.protocol), listener.port)
        stays = workload.kind != "service" or not is_published(owned)
        yield PortUse(
            workload=workload.id,
            host=host.name,
            protocol=listener.protocol,
            address=listener.address,
            port=listener.port,
            process=holder.name,
            set_in="" if workload.kind != "service" else port_source(host, workload, listener.port).where,
            clients=clients.get((host.name, listener.port), ()),
            wanted_by=() if stays else estate.port_claim_ids[claim],
        )


def _rows_without_owner(estate: EstateIndex, host: HostFacts, clients: Clients) -> Iterator[PortUse]:
    likely = {
        (bound.transport, bound.port): (workload.id, bound.likely)
        for workload in estate.known[host.name].workloads
        for bound in workload.ports
        if bound.likely
    }
    for owned in value_or_none(host.snapshot.listeners) or ():
        if is_unidentified(host, owned):
            listener = owned.listener
            claim = (transport_of(listener.protocol), listener.port)
            owner, where = likely.get(claim, ("", ""))
            unseen = "the listening process could not be identified"
            yield PortUse(
                workload="",
                host=host.name,
                protocol=listener.protocol,
                address=listener.address,
                port=listener.port,
                process="",
                set_in=f"{where} (likely; {unseen})" if owner else unseen,
                clients=clients.get((host.name, listener.port), ()),
                wanted_by=estate.port_claim_ids[claim] if owner and is_published(owned) else (),
                likely_owner=owner,
            )


def _note(found: dict[tuple[str, int], dict[str, None]], server: tuple[str, int], client: str) -> None:
    clients = found.setdefault(server, {})
    if len(clients) < _MOST_CLIENTS:
        clients[client] = None
