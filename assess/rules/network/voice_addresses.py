"""NET026."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET026", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def voice_addresses(subject: WorkloadSubject) -> RuleAnswer:
    """The service carries voice or video: SIP, H.323, MGCP, and media over RTP.

    Why:
        Signalling names the addresses and ports to which media are to be sent, so a translated address leaves calls
        without sound. Media take two ports a call out of a range of thousands, and an engine publishes each of them
        with a rule, often a process, of its own.
    Remedy:
        Run the container in the network of the host (--network host), or give it an address of its own (macvlan,
        ipvlan). Where it must stand behind a translated address, set the one that it tells (externaddr,
        external_media_address) and a small range for RTP, published under the same numbers.
    Source:
        RFC 3261, RFC 4566 (SDP), RFC 3435; moby issue 14288; the program and the ports of the service.
    """
    for spoken in spoken_in("voice", subject.workload):
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MAJOR,
            f"It speaks {spoken.protocol.name}, which tells addresses and ports in its messages.",
            (*spoken.evidence, *told),
        )
