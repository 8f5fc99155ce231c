"""NET002."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.published_ports import wanted_ports


@rule("NET002", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "listeners"))
def target_holds_port(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """A program of the target itself already listens on the port that the service needs.

    Why:
        The port cannot be published while another program of the container host holds it. The usual ones are the
        host's own login (22), mail (25), resolver (53) and portmapper (111). Docker Swarm does not even notice: it
        takes the port over on every node.
    Remedy:
        Give the container another address of the target, publish another port, or move or stop the target's own
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
                f"It wants port {port}/{transport}, which {subject.target.name} uses itself.",
                (
                    Evidence(
                        f"{subject.workload.name} listens on {endpoint(mine.listener.address, port)}",
                        mine.listener.origin,
                    ),
                    Evidence(f"{subject.target.name} listens on {port}/{transport} ({subject.target.origin})"),
                ),
            )
