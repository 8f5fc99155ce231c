"""KRN012: workloads that listen on UDP-Lite."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("KRN012", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def udplite_socket(subject: WorkloadSubject) -> RuleAnswer:
    """Service listens on UDP-Lite.

    Why:
        Engines publish TCP, UDP and SCTP ports. UDP-Lite is a separate protocol, which no engine forwards.
    Remedy:
        Run the container in the host's network.
    Source:
        /proc/net/udplite; udplite(7); documentation of `docker run --publish`.
    """
    for owned in subject.workload.listeners:
        listener = owned.listener
        if listener.protocol.startswith("udplite"):
            yield Hit(
                Severity.INFO,
                f"The service listens on UDP-Lite port {listener.port}.",
                (
                    Evidence(
                        f"a socket listens on {endpoint(listener.address, listener.port)}/{listener.protocol}",
                        listener.origin,
                    ),
                ),
            )
