"""NET011: services that clients discover with broadcasts."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.knowledge.kernel_features import broadcasts
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET011", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def broadcast_server(subject: WorkloadSubject) -> RuleAnswer:
    """Service answers clients that discover it with broadcasts.

    Why:
        A broadcast is not addressed to the container host, so a published port does not forward it: clients that search
        for the service find nothing, although it answers clients that know its address.
    Remedy:
        Run the container in the host's network, give it an interface in the physical network (macvlan), or place a
        relay there.
    Source:
        Ports in IANA's service name registry; engines forward only packets addressed to the host itself.
    """
    known = broadcasts()
    told: set[str] = set()
    for owned in subject.workload.listeners:
        listener = owned.listener
        if not listener.protocol.startswith("udp") or listener.protocol.startswith("udplite") or listener.loopback:
            continue
        protocol = known.get(listener.port)
        if protocol is not None and protocol.what not in told:
            told.add(protocol.what)
            yield Hit(
                Severity.MAJOR,
                f"Clients discover the service with broadcasts ({protocol.what}).",
                (Evidence(f"a socket listens on {endpoint(listener.address, listener.port)}/udp", listener.origin),),
                protocol.remedy,
            )
