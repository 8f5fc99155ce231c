"""NET007."""

from __future__ import annotations

from assess.facts import OfWorkload
from assess.model import Evidence, Severity
from assess.rule import Answer, Hit, Scope, rule
from inventory.model.sockets import Connection


@rule("NET007", scope=Scope.WORKLOAD, needs=("processes", "connections"))
def reached_over_loopback(subject: OfWorkload) -> Answer:
    """The service talks to another one on its own server through 127.0.0.1.

    Why:
        Each container has a loopback of its own. What listened next door is not there, and what listens on loopback
        only is reached by nobody else.
    Remedy:
        Put both into one pod (they then share the loopback), or let the other service listen on the network and change
        the address to its name.
    Source:
        Established connections to loopback addresses with the processes at both ends.
    """
    seen: set[str] = set()
    for owned in subject.workload.connections:
        connection = owned.connection
        if owned.inbound or not _loopback(connection):
            continue
        for workload in subject.host.workloads_by_port.get(connection.remote_port, ()):
            if workload.id == subject.workload.id or workload.id in seen:
                continue
            seen.add(workload.id)
            yield Hit(
                Severity.MINOR,
                f"It reaches {workload.name} at {connection.remote_address}:{connection.remote_port}.",
                (
                    Evidence(
                        f"connection to {connection.remote_address}:{connection.remote_port}, where {workload.name} "
                        "listens",
                        connection.origin,
                    ),
                ),
            )


def _loopback(connection: Connection) -> bool:
    return connection.remote_address.startswith("127.") or connection.remote_address in ("::1", "::ffff:127.0.0.1")
