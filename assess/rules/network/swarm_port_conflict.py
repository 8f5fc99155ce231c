"""NET033: services that need a port which Docker Swarm can publish only once."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from assess.workloads.published_ports import is_published, transport_of


@rule(
    "NET033", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "listeners"), aliases=("swarm-takes-port-everywhere",)
)
def swarm_port_conflict(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Docker Swarm publishes a port on every node, and several services need it.

    Why:
        A Swarm's ingress network publishes a port once for all of its nodes: a second service with that port is
        rejected, whichever node it would run on. Swarm ignores the ports that the nodes themselves use, and takes over
        a port such as 22.
    Remedy:
        Publish it in host mode (mode: host) with a constraint that keeps such services on different nodes, put a
        reverse proxy in front, or publish another port.
    Source:
        Docker documentation, Use swarm mode routing mesh; moby issues 40065 and 39089.
    """
    target = subject.target
    told: set[tuple[str, int]] = set()
    for owned in subject.workload.listeners:
        key = (transport_of(owned.listener.protocol), owned.listener.port)
        if not is_published(owned) or key in told:
            continue
        told.add(key)
        own, claims = subject.workload.id, subject.estate.port_claim_ids.get(key, ())
        other = next((each for each in claims if each != own), None)
        if other is None:
            continue
        if target.swarm is None and target.engine == "docker":
            yield Undecided("", f"it is unknown whether {target.name} is a Swarm node")
            return
        if target.swarm:
            yield Hit(
                Severity.MAJOR,
                f"Swarm publishes port {key[1]}/{key[0]} for only one service, and {other} also needs it.",
                (
                    Evidence(f"{subject.workload.name} listens on {key[1]}/{key[0]}", owned.listener.origin),
                    Evidence(f"{target.name} is a Swarm node ({target.origin})"),
                ),
            )
