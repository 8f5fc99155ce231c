"""KRN012."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("KRN012", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def udplite_socket(subject: WorkloadSubject) -> RuleAnswer:
    """The workload is reached over UDP-Lite.

    Why:
        Engines publish ports of TCP, UDP and SCTP. UDP-Lite is a protocol of its own, which none of them forwards.
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
                f"It is reached over UDP-Lite on port {listener.port}.",
                (
                    Evidence(
                        f"it listens on {endpoint(listener.address, listener.port)}/{listener.protocol}",
                        listener.origin,
                    ),
                ),
            )
