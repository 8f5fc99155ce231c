"""NET027: ONC RPC services on ports that change at each start."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET027", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def portmapper_ports(subject: WorkloadSubject) -> RuleAnswer:
    """Service is found through the portmapper, on ports that change at each start.

    Why:
        ONC RPC programs (NFS before version 4, NIS, quota, status) take any free port and register it with the
        portmapper on port 111 of their host. A container has no portmapper, the container host's own already uses port
        111, and unpredictable ports cannot be published.
    Remedy:
        Pin the ports (mountd -p, statd -p and -o, lockd's nlm_tcpport and nlm_udpport, ypserv -p) and run the container
        in the network of a dedicated host. For NFS alone use version 4, which needs only port 2049.
    Source:
        RFC 1833; rpcbind(8), rpc.mountd(8), rpc.statd(8); the program and the ports of the service.
    """
    for spoken in spoken_in("portmapper", subject.workload):
        ports = ", ".join(f"{port}/{transport}" for transport, port in spoken.ports[:6])
        more = f" and {len(spoken.ports) - 6} more" if len(spoken.ports) > 6 else ""
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MAJOR,
            f"The service speaks {spoken.protocol.name}" + (f", now on {ports}{more}." if ports else "."),
            (*spoken.evidence, *told),
        )
