"""NET020: services whose port is in the target's ephemeral or NodePort range."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.published_ports import is_published, transport_of, wanted_ports

_LOWEST = 1024


@rule("NET020", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "listeners"), aliases=("ephemeral-range-clash",))
def ephemeral_port_conflict(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Port is in a range from which the target allocates ports itself.

    Why:
        The kernel takes ports for outgoing connections from its ephemeral range. If it has just allocated one, the port
        cannot be published and the container does not start: "address already in use", sporadically. Kubernetes
        allocates ports of its NodePort range to services in the same way.
    Remedy:
        Reserve the port on the container host (net.ipv4.ip_local_reserved_ports), and in the container too if the
        service opens many connections; or publish it under a number below the range.
    Source:
        Documentation/networking/ip-sysctl.rst (ip_local_port_range, ip_local_reserved_ports); Kubernetes documentation,
        service-node-port-range; default ranges of Windows. Tested.
    """
    target = subject.target
    for transport, port in wanted_ports(subject.workload):
        if port < _LOWEST:
            continue
        if target.ephemeral_ports is None:
            yield Undecided("", f"the ephemeral port range of {target.name} is unknown")
            return
        first, last = target.ephemeral_ports
        reserved = any(low <= port <= high for low, high in target.reserved_ports)
        if first <= port <= last and not reserved:
            what = f"from which {target.name} allocates ports for outgoing connections"
        elif target.node_ports is not None and target.node_ports[0] <= port <= target.node_ports[1]:
            first, last = target.node_ports
            what = f"the NodePort range of {target.name}"
        else:
            continue
        mine = next(
            owned.listener
            for owned in subject.workload.listeners
            if is_published(owned) and (transport_of(owned.listener.protocol), owned.listener.port) == (transport, port)
        )
        yield Hit(
            Severity.MINOR,
            f"Port {port}/{transport} is in the range {first} to {last}, {what}.",
            (
                Evidence(f"{subject.workload.name} listens on {endpoint(mine.address, port)}", mine.origin),
                Evidence(f"{first} to {last} on {target.name} ({target.origin})"),
            ),
            f"Reserve it on the target: sysctl net.ipv4.ip_local_reserved_ports={port} (plus existing values)."
            if target.system == "linux" and what.startswith("from")
            else f"Exclude it on the target: netsh int ipv4 add excludedportrange {transport} {port} 1."
            if target.system == "windows"
            else "",
        )
