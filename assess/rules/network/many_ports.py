"""NET032: services that listen on a long range of ports."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.published_ports import is_published, transport_of, wanted_ports

_MANY = 50


@rule("NET032", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def many_ports(subject: WorkloadSubject) -> RuleAnswer:
    """Service listens on a long range of ports.

    Why:
        An engine publishes each port with separate packet filter rules, and with a proxy process if the userland proxy
        is enabled: a range of thousands takes minutes to start and gigabytes of memory.
    Remedy:
        Run it in the host's network (--network host), or give the container its own address (macvlan, ipvlan), so that
        no ports need publishing. A smaller range in the service's configuration also helps.
    Source:
        Moby issue 14288; the listening sockets of the service.
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
            f"The service listens on {last - first + 1} ports, {first} to {last}/{transport}.",
            (Evidence(f"the first one is {endpoint(mine.address, first)}/{transport}", mine.origin),),
        )


def rows_of_ports(ports: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int, int], ...]:
    """Group sorted ``ports`` into ranges of consecutive ones: (transport, first, last)."""
    rows: list[tuple[str, int, int]] = []
    for transport, port in ports:
        if rows and rows[-1][0] == transport and rows[-1][2] == port - 1:
            rows[-1] = (transport, rows[-1][1], port)
        else:
            rows.append((transport, port, port))
    return tuple(rows)
