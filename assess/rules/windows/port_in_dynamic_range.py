"""WIN026."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule("WIN026", scope=Scope.WORKLOAD, needs=("sockets", "port_exclusions"), platform=Platform.WINDOWS)
def port_in_dynamic_range(subject: WorkloadSubject) -> RuleAnswer:
    r"""The workload listens on a port of the dynamic range.

    Why:
        Such a port was chosen at the start (RPC, DCOM, a named instance of SQL Server), and is another one next time:
        it cannot be published, and RPC does not pass the address translation of a container's network. If it is fixed,
        Hyper-V and winnat of a container host reserve blocks of the same range, and the port is then forbidden.
    Remedy:
        Fix the port below the range (1024 to 49151): rpc ports in HKLM\SOFTWARE\Microsoft\Rpc\Internet, a static port
        for SQL Server; else reserve it before winnat starts (netsh int ipv4 add excludedportrange).
    Source:
        Output of netsh int ipv4 show dynamicport; Microsoft, Default dynamic port range.
    """
    ranges = [each for each in value_or_none(subject.host.snapshot.port_exclusions) or () if each.kind == "dynamic"]
    if not ranges:
        yield Undecided("port_exclusions", "the dynamic range of ports is not known")
        return
    for owned in subject.workload.listeners:
        listener = owned.listener
        protocol = listener.protocol.removesuffix("6")
        inside = [each for each in ranges if each.protocol == protocol and each.first <= listener.port <= each.last]
        if inside and not listener.loopback:
            yield Hit(
                Severity.MAJOR,
                f"It listens on {protocol} port {listener.port}, of the range that ports are given out from.",
                (
                    Evidence(f"it listens on {endpoint(listener.address, listener.port)}", listener.origin),
                    Evidence(f"{protocol} ports {inside[0].first}-{inside[0].last} are dynamic", inside[0].origin),
                ),
            )
