"""NET026: services that carry voice or video."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_protocols import settings_of, spoken_in
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET026", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def voice_addresses(subject: WorkloadSubject) -> RuleAnswer:
    """Service carries voice or video: SIP, H.323, MGCP, and media over RTP.

    Why:
        Signalling contains the addresses and ports for the media, so address translation leaves calls without sound.
        Media use two ports per call from a range of thousands, and an engine publishes each port with a separate rule,
        often a separate process.
    Remedy:
        Run the container in the host's network (--network host), or give it its own address (macvlan, ipvlan). If it
        must be behind a translated address, set the advertised address (externaddr, external_media_address) and a small
        RTP range, published under the same numbers.
    Source:
        RFC 3261, RFC 4566 (SDP), RFC 3435; moby issue 14288; the program and the ports of the service.
    """
    for spoken in spoken_in("voice", subject.workload):
        told = settings_of(subject.host, subject.workload, spoken.protocol)
        yield Hit(
            Severity.MAJOR,
            f"The service speaks {spoken.protocol.name}, whose messages contain addresses and ports.",
            (*spoken.evidence, *told),
        )
