"""NET007: services that connect to another service through the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity, Workload
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_references import ports_on_loopback
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.sockets import Connection


@rule(
    "NET007",
    scope=Scope.WORKLOAD,
    needs=("processes", "connections", "configuration"),
    aliases=("reached-over-loopback",),
)
def loopback_connection(subject: WorkloadSubject) -> RuleAnswer:
    """Service connects to another service on its host through 127.0.0.1.

    Why:
        Each container has its own loopback interface. A service on the same host is no longer there, and a service that
        listens only on loopback is unreachable from other containers.
    Remedy:
        Put both into one pod (they then share the loopback interface), or configure the other service to listen on the
        network and replace the address with its name. Pilot them together.
    Source:
        Established connections to loopback addresses with the processes at both ends; lines in the workload's
        configuration and code with a loopback address and a port on which another workload listens.
    """
    seen: set[str] = set()
    for address, port, evidence in (*_connections(subject), *_lines(subject)):
        for workload in _others(subject, port, seen):
            seen.add(workload.id)
            yield Hit(
                Severity.MINOR,
                f"The service reaches {workload.name} at {endpoint(address, port)}.",
                (evidence,),
                f"Run it in one pod with {workload.name}, or replace the address with a name; pilot them together.",
            )


def _connections(subject: WorkloadSubject) -> Iterator[tuple[str, int, Evidence]]:
    for owned in subject.workload.connections:
        connection = owned.connection
        if not owned.inbound and _loopback(connection):
            address, port = connection.remote_address, connection.remote_port
            yield address, port, Evidence(f"a connection to {endpoint(address, port)}", connection.origin)


def _lines(subject: WorkloadSubject) -> Iterator[tuple[str, int, Evidence]]:
    """Yield the addresses in configuration: a rarely used service has no open connection during the scan."""
    for address, port, line in ports_on_loopback(subject.host, subject.workload):
        fact = f"{line.path}:{line.number} names {endpoint(address, port)}"
        yield address, port, Evidence(fact, line.origin, line.text)


def _others(subject: WorkloadSubject, port: int, seen: set[str]) -> Iterator[Workload]:
    for workload in subject.host.workloads_by_port.get(port, ()):
        if workload.id != subject.workload.id and workload.id not in seen:
            yield workload


def _loopback(connection: Connection) -> bool:
    return connection.remote_address.startswith("127.") or connection.remote_address in ("::1", "::ffff:127.0.0.1")
