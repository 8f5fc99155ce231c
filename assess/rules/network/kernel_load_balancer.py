"""NET015: hosts whose kernel balances load (IPVS)."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.host_users import running
from assess.subjects.rule_subjects import HostSubject
from inventory.observation import value_or_none

_TOLD = 6
_PROGRAMS = ("keepalived", "ldirectord", "nanny", "pulse")
"""Programs that fill the IPVS table."""


@rule("NET015", scope=Scope.HOST, needs=("network",))
def kernel_load_balancer(subject: HostSubject) -> RuleAnswer:
    """Host kernel balances load across other servers (IPVS).

    Why:
        The IPVS table belongs to the network namespace; filling it needs the module on the container host and
        NET_ADMIN. Its servers are addresses, which change when they become containers.
    Remedy:
        Let the platform balance the load (Kubernetes or Swarm services), or use a user-space balancer (HAProxy, nginx).
        If it must stay in the kernel, keep IPVS on a host and enter the new addresses.
    Source:
        /proc/net/ip_vs; ipvsadm(8).
    """
    network = value_or_none(subject.host.snapshot.network)
    servers = network.virtual_servers if network else ()
    if servers:
        yield Hit(
            Severity.MAJOR,
            f"{subject.host.name} balances {', '.join(each.service for each in servers[:3])} in its kernel.",
            tuple(
                Evidence(
                    f"{each.protocol} {each.service} goes to {', '.join(each.servers[:4]) or 'no server'}", each.origin
                )
                for each in servers[:_TOLD]
            ),
            affects=running(subject.host, _PROGRAMS),
        )
