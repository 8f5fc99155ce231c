"""NET002: services whose port is already in use on the target."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.published_ports import wanted_ports


@rule("NET002", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "listeners"), aliases=("target-holds-port",))
def occupied_target_port(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Port is already in use on the target.

    Why:
        The port cannot be published while another program on the container host uses it. Typical examples are the
        host's own SSH (22), mail (25), DNS resolver (53) and portmapper (111). Docker Swarm does not even notice: it
        takes over the port on every node.
    Remedy:
        Use another address of the target for the container, publish another port, or move or stop the target's own
        program.
    Source:
        Listening sockets of the target; moby issues 40065 and 39089. Tested.
    """
    held = frozenset(subject.target.listening_ports)
    for transport, port in wanted_ports(subject.workload):
        if (transport, port) in held:
            mine = next(each for each in subject.workload.listeners if each.listener.port == port)
            yield Hit(
                Severity.MAJOR,
                f"Port {port}/{transport} is already in use on {subject.target.name}.",
                (
                    Evidence(
                        f"{subject.workload.name} listens on {endpoint(mine.listener.address, port)}",
                        mine.listener.origin,
                    ),
                    Evidence(f"{subject.target.name} listens on {port}/{transport} ({subject.target.origin})"),
                ),
            )
