"""NET024: services that connect to an address of their own host."""

from __future__ import annotations

from assess.configuration_text.ip_addresses import endpoint, is_local_address, plain_address
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET024", scope=Scope.WORKLOAD, needs=("processes", "connections"), aliases=("reaches-own-address",))
def hairpin_connection(subject: WorkloadSubject) -> RuleAnswer:
    """Service connects to its own host's address, as if from outside.

    Why:
        From a container, this path leads out to the container host and back in (a hairpin). Some Kubernetes networks
        and firewalls drop such packets, and where it works, the receiving server sees the gateway as its client.
    Remedy:
        Make the name resolve to the container itself within its network (a network alias, extra_hosts in compose,
        hostAliases in Kubernetes, or split DNS), or use localhost if both run in one pod.
    Source:
        Established connections of the service to its own host's address; documentation of Docker's userland proxy
        and of hairpin mode in Kubernetes.
    """
    own = subject.host.addresses
    told: set[tuple[str, int]] = set()
    for owned in subject.workload.connections:
        connection = owned.connection
        remote = plain_address(connection.remote_address)
        end = (remote, connection.remote_port)
        if owned.inbound or is_local_address(remote) or remote not in own or end in told:
            continue
        told.add(end)
        there = subject.host.workloads_by_port.get(connection.remote_port, ())
        who = "itself" if subject.workload.id in {each.id for each in there} else there[0].name if there else "a server"
        yield Hit(
            Severity.MINOR,
            f"The service reaches {who} through {endpoint(remote, connection.remote_port)}, its own host's address.",
            (Evidence(f"a connection to {endpoint(remote, connection.remote_port)}", connection.origin),),
        )
