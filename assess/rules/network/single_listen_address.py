"""NET006: services that listen on a single address."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.published_ports import is_published


@rule("NET006", scope=Scope.WORKLOAD, needs=("processes", "listeners"), aliases=("bound-to-one-address",))
def single_listen_address(subject: WorkloadSubject) -> RuleAnswer:
    """Service listens on a single address of its host.

    Why:
        That address does not exist in a container: binding it fails with "Cannot assign requested address", and the
        service does not start.
    Remedy:
        Configure it to listen on 0.0.0.0 in the container, and publish the port on the required address of the
        container host (-p ADDRESS:PORT:PORT).
    Source:
        Local address of the listening socket; EADDRNOTAVAIL in bind(2).
    """
    for owned in subject.workload.listeners:
        listener = owned.listener
        if is_published(owned) and not listener.any_address:
            yield Hit(
                Severity.MINOR,
                f"The service listens only on {endpoint(listener.address, listener.port)}.",
                (
                    Evidence(
                        f"a socket listens on {endpoint(listener.address, listener.port)}/{listener.protocol}",
                        listener.origin,
                    ),
                ),
            )
