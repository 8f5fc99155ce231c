"""NET003: services whose port is hard-coded."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_sources import PortSetBy, ignored_settings, port_source
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.published_ports import wanted_ports


@rule(
    "NET003", scope=Scope.WORKLOAD, needs=("processes", "listeners", "configuration"), aliases=("port-fixed-in-code",)
)
def hard_coded_port(subject: WorkloadSubject) -> RuleAnswer:
    """Port is hard-coded in the program, and no setting changes it.

    Why:
        When services are consolidated on one host, ports must be reassigned. A hard-coded port cannot be changed inside
        the container; and if two such programs share a network (a pod, the host's network), the second one does not
        start. A setting that appears to change the port, but does not, is misleading.
    Remedy:
        Publish the fixed port under another number on the container host (-p NEW:OLD): clients then use the new one. Do
        not put the service in a pod or host network with another service on the same port. When the program is next
        changed, have it read the port from its configuration.
    Source:
        The listening sockets of the process, its command line, environment, unit and configuration, and the lines in
        its code that contain the number.
    """
    ports = wanted_ports(subject.workload)
    numbers = frozenset(owned.listener.port for owned in subject.workload.listeners)
    for transport, port in ports:
        origin = port_source(subject.host, subject.workload, port)
        if origin.setter is not PortSetBy.CODE:
            continue
        ignored = ignored_settings(subject.host, subject.workload, numbers)
        evidence = [*origin.evidence]
        message = f"Port {port}/{transport} is hard-coded at {origin.where.removesuffix(' (code)')}."
        if ignored:
            first = ignored[0]
            message += f" The setting in {first.path}:{first.number} has no effect."
            evidence += [
                Evidence(
                    f"{line.path}:{line.number} sets another port, on which nothing listens", line.origin, line.text
                )
                for line in ignored[:3]
            ]
        listener = next(each.listener for each in subject.workload.listeners if each.listener.port == port)
        evidence.append(Evidence(f"the process listens on {endpoint(listener.address, port)}", listener.origin))
        yield Hit(Severity.MAJOR, message, tuple(evidence))
