"""NET021: services with a fixed port outside Kubernetes' NodePort range."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.planning.placement.placement_prices import placement_table
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import Moving, port_moving
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.published_ports import is_published


@rule("NET021", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "listeners"))
def port_outside_node_ports(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Fixed port is outside the NodePort range of Kubernetes.

    Why:
        A service of type NodePort gets a port from 30000 to 32767 by default. Clients of a protocol with a fixed port
        number, or one that announces its own port, then cannot find it.
    Remedy:
        Use a service of type LoadBalancer (or externalIPs) with the old port, or hostPort or hostNetwork on one node;
        use an Ingress for HTTP.
    Source:
        Kubernetes documentation, Service, type NodePort and --service-node-port-range.
    """
    node_ports = subject.target.node_ports
    if node_ports is None:
        return
    fixed = {key for key, moving in port_moving(subject.workload).items() if moving is not Moving.FREE}
    fixed |= placement_table().fixed
    told: set[int] = set()
    for owned in subject.workload.listeners:
        port, transport = owned.listener.port, owned.listener.protocol.removesuffix("6")
        if not is_published(owned) or port in told or (transport, port) not in fixed:
            continue
        if not node_ports[0] <= port <= node_ports[1]:
            told.add(port)
            yield Hit(
                Severity.MINOR,
                f"Port {port}/{transport} must not change, and NodePorts on {subject.target.name} range from"
                f" {node_ports[0]} to {node_ports[1]}.",
                (Evidence(f"{subject.workload.name} listens on {port}/{transport}", owned.listener.origin),),
            )
