"""NET003."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.port_sources import PortSetBy, ignored_settings, port_source
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.published_ports import wanted_ports


@rule("NET003", scope=Scope.WORKLOAD, needs=("processes", "listeners", "configuration"))
def port_fixed_in_code(subject: WorkloadSubject) -> RuleAnswer:
    """The port is written into the program, and no setting changes it.

    Why:
        Where services are put together on one host, ports must be given out anew. A port that stands in the code
        cannot be moved inside of the container; and where two such programs share a network (a pod, the host's
        network), the second does not start. A setting that looks as if it moved the port, and does not, misleads
        whoever tries.
    Remedy:
        Publish the fixed port under another number on the container host (-p NEW:OLD): clients then use the new one.
        Do not put the service into a pod or host network with another that has the same port. When the program is
        next changed, let it read the port from its configuration.
    Source:
        The listening sockets of the process, its command line, environment, unit and configuration, and the lines of
        its own code that name the number.
    """
    ports = wanted_ports(subject.workload)
    numbers = frozenset(owned.listener.port for owned in subject.workload.listeners)
    for transport, port in ports:
        origin = port_source(subject.host, subject.workload, port)
        if origin.setter is not PortSetBy.CODE:
            continue
        ignored = ignored_settings(subject.host, subject.workload, numbers)
        evidence = [*origin.evidence]
        message = f"Port {port}/{transport} is fixed in the code at {origin.where.removesuffix(' (code)')}."
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
