"""NET032."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.published_ports import is_published, transport_of, wanted_ports

_MANY = 50


@rule("NET032", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def many_ports(subject: WorkloadSubject) -> RuleAnswer:
    """The service listens on a long row of ports.

    Why:
        An engine publishes each port with packet filter rules of its own, and with a proxy process where the userland
        proxy is on: a range of thousands takes minutes to start and gigabytes of memory.
    Remedy:
        Run it in the network of the host (--network host), or give the container an address of its own (macvlan,
        ipvlan), where nothing needs to be published. A smaller range in the service's configuration helps as well.
    Source:
        Issue 14288 of moby; the listening sockets of the service.
    """
    for transport, first, last in rows_of_ports(wanted_ports(subject.workload)):
        if last - first + 1 <= _MANY:
            continue
        mine = next(
            owned.listener
            for owned in subject.workload.listeners
            if is_published(owned)
            and (transport_of(owned.listener.protocol), owned.listener.port) == (transport, first)
        )
        yield Hit(
            Severity.MAJOR,
            f"It listens on the {last - first + 1} ports {first} to {last}/{transport}.",
            (Evidence(f"the first of them is {endpoint(mine.address, first)}/{transport}", mine.origin),),
        )


def rows_of_ports(ports: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int, int], ...]:
    """Rows of consecutive ports in sorted ``ports``: (transport, first, last)."""
    rows: list[tuple[str, int, int]] = []
    for transport, port in ports:
        if rows and rows[-1][0] == transport and rows[-1][2] == port - 1:
            rows[-1] = (transport, rows[-1][1], port)
        else:
            rows.append((transport, port, port))
    return tuple(rows)
