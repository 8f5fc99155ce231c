"""NET030."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET030", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def reserved_client_ports(subject: WorkloadSubject) -> RuleAnswer:
    """The service trusts clients by the port that they come from: rsh, rlogin, rexec, lpd.

    Why:
        Only root may use ports below 1024, and these services take that for proof. Where an address is translated on
        the way to a container the port of the client is translated too, and the client is refused. Such a service
        trusts whoever has root on any machine of the network.
    Remedy:
        Replace it: ssh for rsh, rlogin and rexec, IPP for lpd. Until then run it in the network of the host
        (--network host).
    Source:
        RFC 1282, RFC 1179, rcmd(3); the program and the ports of the service.
    """
    for spoken in spoken_in("reserved", subject.workload):
        yield Hit(
            Severity.MINOR,
            f"It is {spoken.protocol.name}, which looks at the port that a client comes from.",
            spoken.evidence,
        )
