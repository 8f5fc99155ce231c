"""The port map of the estate: who binds what, where the number is set, who connects, and who else wants it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assess.addresses import is_local_address, plain_address
from assess.facts import EstateFacts, HostFacts
from assess.model import PortUse, Workload
from assess.port_claims import is_published, transport_of
from assess.port_origins import port_origin
from inventory.model.sockets import OwnedListener
from inventory.observation import value_or_none

_MOST_CLIENTS = 50
"""A busy server has thousands of clients; the map names as many, and the rest are like them."""


def port_plan(estate: EstateFacts) -> tuple[PortUse, ...]:
    """A row for each bound port of each workload, and for each listener whose process could not be seen.

    One pass over listeners and one over connections: linear in the size of the estate.
    """
    clients = _clients_by_server(estate)
    rows: list[PortUse] = []
    for host in estate.hosts:
        for workload in host.workloads:
            rows.extend(_rows_of(estate, host, workload, clients))
        rows.extend(_rows_without_owner(host, clients))
    return tuple(rows)


_Clients = Mapping[tuple[str, int], tuple[str, ...]]


def _rows_of(estate: EstateFacts, host: HostFacts, workload: Workload, clients: _Clients) -> Iterator[PortUse]:
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
            set_in="" if workload.kind != "service" else port_origin(host, workload, listener.port).where,
            clients=clients.get((host.name, listener.port), ()),
            wanted_by=() if stays else estate.port_claim_ids[claim],
        )


def _rows_without_owner(host: HostFacts, clients: _Clients) -> Iterator[PortUse]:
    for owned in value_or_none(host.snapshot.listeners) or ():
        if _unseen(host, owned):
            listener = owned.listener
            yield PortUse(
                workload="",
                host=host.name,
                protocol=listener.protocol,
                address=listener.address,
                port=listener.port,
                process="",
                set_in="the process that listens could not be seen",
                clients=clients.get((host.name, listener.port), ()),
                wanted_by=(),
            )


def _unseen(host: HostFacts, owned: OwnedListener) -> bool:
    return not owned.listener.protocol.startswith("raw") and not any(pid in host.workload_of_pid for pid in owned.pids)


def _clients_by_server(estate: EstateFacts) -> _Clients:
    """Who connects to (host, port): from the servers' own connections, and from those of the scanned clients."""
    found: dict[tuple[str, int], dict[str, None]] = {}
    owners = estate.host_by_address
    for host in estate.hosts:
        for owned in value_or_none(host.snapshot.connections) or ():
            connection = owned.connection
            remote = plain_address(connection.remote_address)
            if owned.inbound:
                peer = owners.get(remote)
                # A client that was scanned tells itself which workload it is, below.
                if peer is not None and value_or_none(peer.snapshot.connections) is not None and peer is not host:
                    continue
                if is_local_address(remote) or peer is host:
                    continue
                _note(found, (host.name, connection.local_port), peer.name if peer else remote)
            else:
                server = host if is_local_address(remote) else owners.get(remote)
                if server is not None:
                    workload = next(
                        (host.workload_of_pid[pid] for pid in owned.pids if pid in host.workload_of_pid), None
                    )
                    _note(found, (server.name, connection.remote_port), workload.id if workload else host.name)
    return {server: tuple(sorted(names)) for server, names in found.items()}


def _note(found: dict[tuple[str, int], dict[str, None]], server: tuple[str, int], client: str) -> None:
    clients = found.setdefault(server, {})
    if len(clients) < _MOST_CLIENTS:
        clients[client] = None
