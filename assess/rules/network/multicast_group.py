"""NET010: services that belong to a multicast group."""

from __future__ import annotations

from assess.knowledge.kernel_features import multicast_groups
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.network.group_members import members_of
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("NET010", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def multicast_group(subject: WorkloadSubject) -> RuleAnswer:
    """Service belongs to a multicast group.

    Why:
        Engine bridges and overlays do not carry multicast from the outside network: the container joins the group and
        receives nothing. Clusters that discover members this way start as several clusters of one. The kernel does not
        report which process joined: the finding names the process that is bound to the group, names it on its command
        line, or uses its port. If there is none, each service that accepts UDP on any address is a candidate and gets
        the finding.
    Remedy:
        Run the container in the host's network or give it an interface there (macvlan, ipvlan), or configure unicast
        (keepalived unicast_peer, corosync transport udpu or knet, JGroups TCPPING, Hazelcast tcp-ip).
    Source:
        /proc/net/igmp and igmp6; documentation of Docker's bridge and overlay drivers.
    """
    sockets = value_or_none(subject.host.snapshot.sockets)
    told: set[str] = set()
    for each in sockets.multicast if sockets else ():
        if each.routine or each.interface == "lo" or each.group in told:
            continue
        members = members_of(subject.host, each.group)
        listener = members.evidence.get(subject.workload.id)
        if listener is None:
            continue
        told.add(each.group)
        known = multicast_groups().get(each.group)
        named = f" for {known.what}" if known else ""
        yield Hit(
            Severity.MAJOR if members.sure else Severity.MINOR,
            f"The service belongs to the multicast group {each.group}{named}."
            if members.sure
            else f"The service, or another one on its host, belongs to the multicast group {each.group}{named}.",
            (Evidence(f"interface {each.interface} listens to {each.group}", each.origin), listener),
            known.remedy if known else "",
        )
