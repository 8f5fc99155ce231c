"""NET001: ports that several services of the estate use."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import EstateIndex, IndexedWorkload

_NAMED = 5


@rule("NET001", scope=Scope.ESTATE, needs=("processes", "listeners"), aliases=("port-wanted-by-several",))
def shared_port(estate: EstateIndex) -> RuleAnswer:
    """Several services of the estate use the same port.

    Why:
        Each legacy server had its own addresses. The containers of a host share its TCP/IP stack: a port can be
        published once per host address, and the second container fails with "port is already allocated". The estate
        plan assigns each service its port, a separate address or a reverse proxy. Clients need no change for that, so
        the finding is a note; if the plan must change the port, it is major.
    Remedy:
        Let one service keep the port, and give each other service its own address, a reverse proxy in front, or another
        port. The service with the most clients that cannot be changed should keep it. A reverse proxy distinguishes
        services by host name (HTTP and TLS); clients of a service with a new port must be informed.
    Source:
        Engines bind (protocol, address, port) once; a wildcard publish also blocks a single address. Tested.
    """
    for (transport, port), workloads in estate.port_claims.items():
        if len(workloads) < 2:
            continue
        for workload in workloads:
            others = [_named(each, port) for each in workloads[: _NAMED + 1] if each is not workload][:_NAMED]
            more = len(workloads) - 1 - len(others)
            named = ", ".join(others) + (f" and {more} more" if more else "")
            mine = next(
                each for each in workload.ports if each.published and (each.transport, each.port) == (transport, port)
            )
            own = " (likely used here)" if mine.likely else ""
            where = endpoint(mine.address, port)
            shown = (
                f"{mine.likely} sets port {port}; the process that listens on {where} could not be read"
                if mine.likely
                else f"{workload.name} listens on {where}"
            )
            yield Hit(
                Severity.INFO,
                f"Port {port}/{transport}{own} is also used by {named}.",
                (
                    Evidence(shown, mine.origin),
                    Evidence(f"{len(workloads)} services in the estate use {port}/{transport}"),
                ),
                host=workload.host,
                workload=workload.id,
                about=f"{port}/{transport}",
            )


def _named(workload: IndexedWorkload, port: int) -> str:
    return f"{workload.id} (likely)" if workload.likely_at(port) else workload.id
