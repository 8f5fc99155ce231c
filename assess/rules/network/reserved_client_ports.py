"""NET030: services that trust clients by their source port (rsh, rlogin, rexec, lpd)."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET030", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def reserved_client_ports(subject: WorkloadSubject) -> RuleAnswer:
    """Service trusts clients by their source port: rsh, rlogin, rexec, lpd.

    Why:
        Only root may use ports below 1024, and these services accept that as proof. Where addresses are translated on
        the way to a container, the client's port is translated too, and the client is rejected. Such a service trusts
        root on any machine in the network.
    Remedy:
        Replace it: ssh for rsh, rlogin and rexec, IPP for lpd. Until then, run it in the host's network (--network
        host).
    Source:
        RFC 1282, RFC 1179, rcmd(3); the program and the ports of the service.
    """
    for spoken in spoken_in("reserved", subject.workload):
        yield Hit(
            Severity.MINOR,
            f"The service speaks {spoken.protocol.name}, which checks the client's source port.",
            spoken.evidence,
        )
