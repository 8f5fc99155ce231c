"""WIN027: workloads whose port an administrator reserved."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none
from inventory.platforms import Platform


@rule(
    "WIN027",
    scope=Scope.WORKLOAD,
    needs=("sockets", "port_exclusions"),
    platform=Platform.WINDOWS,
    aliases=("port-reserved-for-it",),
)
def reserved_port(subject: WorkloadSubject) -> RuleAnswer:
    """Service port is reserved by an administrator.

    Why:
        The port was excluded so that no other program gets it; a container host without that reservation may assign it,
        or reserve it for its own network (the error is then "access forbidden").
    Remedy:
        Make the same reservation on the container host before winnat and Hyper-V start: netsh int ipv4 add
        excludedportrange protocol=tcp startport=PORT numberofports=1 store=persistent.
    Source:
        Output of netsh int ipv4 show excludedportrange (rows with an asterisk); ReservedPorts in the registry of Server
        2003.
    """
    ranges = value_or_none(subject.host.snapshot.port_exclusions) or ()
    reserved = [each for each in ranges if each.kind == "excluded" and each.administered]
    for owned in subject.workload.listeners:
        listener = owned.listener
        protocol = listener.protocol.removesuffix("6")
        for each in reserved:
            if each.protocol == protocol and each.first <= listener.port <= each.last:
                yield Hit(
                    Severity.MINOR,
                    f"The {protocol} port {listener.port} is reserved on {subject.host.name}.",
                    (
                        Evidence(f"{protocol} ports {each.first}-{each.last} are excluded", each.origin),
                        Evidence(f"a socket listens on {endpoint(listener.address, listener.port)}", listener.origin),
                    ),
                    f"Run on the container host: netsh int ipv4 add excludedportrange protocol={protocol}"
                    f" startport={listener.port} numberofports=1 store=persistent.",
                )
