"""WIN026: workloads that listen on a port in the dynamic range."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN026", scope=Scope.WORKLOAD, needs=("sockets", "port_exclusions"), platform=Platform.WINDOWS)
def port_in_dynamic_range(subject: WorkloadSubject) -> RuleAnswer:
    r"""Service listens on a port in the dynamic range.

    Why:
        Such a port was assigned at start (RPC, DCOM, a named SQL Server instance) and changes at the next start: it
        cannot be published, and RPC does not work across a container network's address translation. If it is fixed,
        Hyper-V and winnat on a container host reserve blocks in the same range, and the port is then forbidden.
    Remedy:
        Move the port below the range (1024 to 49151): RPC ports in HKLM\SOFTWARE\Microsoft\Rpc\Internet, a static port
        for SQL Server; otherwise reserve it before winnat starts (netsh int ipv4 add excludedportrange).
    Source:
        Output of netsh int ipv4 show dynamicport; Microsoft, Default dynamic port range.
    """
    ranges = [each for each in value_or_none(subject.host.snapshot.port_exclusions) or () if each.kind == "dynamic"]
    if not ranges:
        yield Undecided("port_exclusions", "the dynamic port range is unknown")
        return
    for owned in subject.workload.listeners:
        listener = owned.listener
        protocol = listener.protocol.removesuffix("6")
        inside = [each for each in ranges if each.protocol == protocol and each.first <= listener.port <= each.last]
        if inside and not listener.loopback:
            yield Hit(
                Severity.MAJOR,
                f"The service listens on {protocol} port {listener.port}, which is in the dynamic port range.",
                (
                    Evidence(f"a socket listens on {endpoint(listener.address, listener.port)}", listener.origin),
                    Evidence(f"{protocol} ports {inside[0].first}-{inside[0].last} are dynamic", inside[0].origin),
                ),
            )
