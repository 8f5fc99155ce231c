"""Dependencies between the workloads of the estate, which decide the order of waves.

An edge leads from the client to the server. It rests on a connection that was open during the scan, on a line of
configuration that names the host of the server, or on a socket, pipe or memory that two workloads of one host share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from assess.configuration_text.ip_addresses import endpoint, plain_address
from assess.model import Evidence, Workload
from assess.planning.model import Dependency, DependencyKind
from assess.subjects.estate_index import EstateIndex, IndexedHost, IndexedWorkload
from assess.subjects.host_facts import HostFacts
from assess.subjects.host_references import (
    addresses_of_hosts,
    meant_port,
    names_of_hosts,
    only_service,
    ports_on_loopback,
    ports_on_own_addresses,
)

_NAMED = 5
_STRENGTH = {tie: rank for rank, tie in enumerate(DependencyKind)}


def unidentified(host: str, port: int) -> str:
    """Return the name of a listener without a known owner, on a host or at an address that several hosts report: it has
    no workload id.
    """
    return f"unidentified listener tcp/{port} on {host}"


def dependencies_of(estate: EstateIndex, host: HostFacts) -> tuple[Dependency, ...]:
    """The edges from the services of a host; of several for one client, server and port the strongest is kept.

    Linear in connections and lines.
    """
    found: dict[tuple[str, str, int | None], Dependency] = {}
    for each in _all(estate, host):
        key = (each.client, each.server, each.port)
        known = found.get(key)
        if known is None or _STRENGTH[each.tie] < _STRENGTH[known.tie]:
            found[key] = each
    # A line that names a host says nothing new where a connection to the same workload was seen.
    seen = {(client, server) for client, server, port in found if port is not None}
    return tuple(each for key, each in found.items() if key[2] is not None or key[:2] not in seen)


def in_order(edges: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """The edges of the estate by client, server and port."""
    return tuple(sorted(edges, key=lambda each: (each.client, each.server, each.port or 0)))


def _all(estate: EstateIndex, host: HostFacts) -> Iterator[Dependency]:
    for workload in host.workloads:
        if workload.kind == "service":
            yield from _coupled(host, workload)
            yield from _connected(estate, host, workload)
            yield from _configured(estate, host, workload)
            yield from _on_own_host(estate, host, workload)


def _coupled(host: HostFacts, workload: Workload) -> Iterator[Dependency]:
    for server, seen in host.socket_peers.get(workload.id, {}).items():
        yield Dependency(workload.id, server, DependencyKind.COUPLED, None, seen)
    evidence = dict(workload.companion_evidence)
    for companion in workload.companions:
        if companion != workload.id:
            said = evidence.get(companion, Evidence(f"{workload.name} and {companion} share one host"))
            yield Dependency(workload.id, companion, DependencyKind.COUPLED, None, said)


def _connected(estate: EstateIndex, host: HostFacts, workload: Workload) -> Iterator[Dependency]:
    for owned in workload.connections:
        connection = owned.connection
        if owned.inbound:
            continue
        remote = plain_address(connection.remote_address)
        server = estate.reached_from(estate.known[host.name], remote)
        port = connection.remote_port
        fact = f"{workload.name} was connected to {endpoint(remote, port)}"
        if server is None:
            yield from _contested(estate, remote, port, workload, Evidence(fact, connection.origin))
            continue
        yield from _at(server, port, workload, DependencyKind.CONNECTION, Evidence(fact, connection.origin))
        # Where no listener could be read, the connection itself says that there is one.
        if server.unidentified is None and not server.listening(port):
            evidence = Evidence(fact, connection.origin)
            yield Dependency(workload.id, unidentified(server.name, port), DependencyKind.CONNECTION, port, evidence)


def _contested(
    estate: EstateIndex, address: str, port: int, client: Workload, evidence: Evidence
) -> Iterator[Dependency]:
    """The edge to an address that several hosts report: it is on one of them, and is given to none."""
    claimants = estate.address_claimants.get(address, ())
    if claimants:
        more = f" and {len(claimants) - _NAMED} more" if len(claimants) > _NAMED else ""
        said = replace(evidence, fact=f"{evidence.fact}, an address of {', '.join(claimants[:_NAMED])}{more}")
        yield Dependency(client.id, unidentified(address, port), DependencyKind.CONNECTION, port, said)


def _configured(estate: EstateIndex, host: HostFacts, workload: Workload) -> Iterator[Dependency]:
    for mentions in (names_of_hosts, addresses_of_hosts):
        for mention in mentions(estate, host, workload):
            place = mention.place
            fact = f"{place.where} names {mention.word}, which is host {mention.owner.name}"
            evidence = Evidence(fact, place.origin, place.text)
            port = meant_port(mention, host, workload)
            if port is not None:
                yield from _at(mention.owner, port, workload, DependencyKind.CONFIGURATION, evidence)
            else:
                for other in _others(only_service(mention.owner), workload):
                    yield Dependency(workload.id, other.id, DependencyKind.CONFIGURATION, None, evidence)


def _on_own_host(estate: EstateIndex, host: HostFacts, workload: Workload) -> Iterator[Dependency]:
    """Settings that name a port of the same host, on which another service listens."""
    own = {owned.listener.port for owned in workload.listeners}
    for address, port, line in (*ports_on_loopback(host, workload), *ports_on_own_addresses(host, workload)):
        if port not in own:
            fact = f"{line.path}:{line.number} names {endpoint(address, port)}, which is on the same host"
            evidence = Evidence(fact, line.origin, line.text)
            yield from _at(estate.known[host.name], port, workload, DependencyKind.CONFIGURATION, evidence)


def _at(
    server: IndexedHost, port: int, client: Workload, tie: DependencyKind, evidence: Evidence
) -> Iterator[Dependency]:
    """The edges to what listens on a port of a host."""
    for other in _others(server.listening(port), client):
        where = other.likely_at(port)
        said = replace(evidence, fact=f"{evidence.fact}; {where} sets port {port} (likely)") if where else evidence
        yield Dependency(client.id, other.id, tie, port, said, bool(where))
    if server.unidentified_at(port) and not server.listening(port):
        yield Dependency(client.id, unidentified(server.name, port), tie, port, evidence)


def _others(workloads: Iterable[IndexedWorkload], client: Workload) -> Iterator[IndexedWorkload]:
    return (each for each in workloads if each.kind == "service" and each.id != client.id)
