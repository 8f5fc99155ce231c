"""NET010."""

from __future__ import annotations

from assess.knowledge.kernel_features import multicast_groups
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.network.group_members import members_of
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("NET010", scope=Scope.WORKLOAD, needs=("processes", "listeners"))
def multicast_group(subject: WorkloadSubject) -> RuleAnswer:
    """The workload belongs to a multicast group.

    Why:
        Bridges and overlays of engines carry no multicast of the network outside: the container joins the group and
        hears nothing. Clusters that find their members this way come up as several clusters of one. The kernel does not
        say which process joined: it is taken for the one that is bound to the group, whose command line names it, or
        that has its port. Where none does, each service that takes UDP from anywhere may be the one, and is told so.
    Remedy:
        Run the container in the host's network or give it an interface there (macvlan, ipvlan), or let the program use
        unicast (keepalived unicast_peer, corosync transport udpu or knet, JGroups TCPPING, Hazelcast tcp-ip).
    Source:
        /proc/net/igmp and igmp6; documentation of the bridge and overlay drivers of Docker.
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
            f"It belongs to the multicast group {each.group}{named}."
            if members.sure
            else f"It, or another service of its host, belongs to the multicast group {each.group}{named}.",
            (Evidence(f"interface {each.interface} listens to {each.group}", each.origin), listener),
            known.remedy if known else "",
        )
