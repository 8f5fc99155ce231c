"""KRN009: workloads that configure or monitor the kernel over netlink."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.kernel.socket_owners import held_by
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_OF_CONTAINER = "Start the container with --cap-add NET_ADMIN, and with --network host if the host's network is meant."
_OF_HOST = "Leave this work to the container host, or run the program there."
_FAMILIES = {
    5: ("reads the packet filter's log", _OF_CONTAINER, Severity.MAJOR),
    6: ("sets up IPsec", _OF_CONTAINER, Severity.MAJOR),
    8: ("controls iSCSI", _OF_HOST, Severity.MAJOR),
    9: ("reads or writes the audit log", _OF_HOST, Severity.MINOR),
    11: ("monitors the processes of the whole host", _OF_HOST, Severity.MINOR),
    12: ("changes or monitors the packet filter", _OF_CONTAINER, Severity.MAJOR),
    15: ("waits for device events", _OF_HOST, Severity.MINOR),
    20: ("controls RDMA", _OF_HOST, Severity.MAJOR),
}
"""Families whose function a container denies or presents differently. Route, generic and sock_diag sockets are
opened briefly by the C library and by runtimes, and prove nothing about a program unless it subscribed to changes.
Without the options for the major ones, the program does not start or has no effect."""


@rule("KRN009", scope=Scope.WORKLOAD, needs=("processes", "open_files", "sockets"))
def netlink_socket(subject: WorkloadSubject) -> RuleAnswer:
    """Service configures or monitors the kernel over netlink.

    Why:
        Routes, packet filter and IPsec are separate in a container: changing them requires NET_ADMIN and does not
        affect the host. Audit, iSCSI and device events belong to the host alone, and a container receives none of them.
    Remedy:
        Grant NET_ADMIN, with the host's network if the host's routes or filter are meant; leave audit and devices to
        the container host.
    Source:
        /proc/net/netlink; netlink(7). Tested.
    """
    sockets = value_or_none(subject.host.snapshot.sockets)
    told: set[int] = set()
    for each in sockets.netlink if sockets else ():
        if each.protocol in told:
            continue
        if each.protocol == 0 and each.groups:
            does, remedy, severity = "monitors addresses and routes", _OF_CONTAINER, Severity.MINOR
        elif each.protocol in _FAMILIES:
            does, remedy, severity = _FAMILIES[each.protocol]
        else:
            continue
        process = held_by(subject, each.inode, each.port_id)
        if process is not None:
            told.add(each.protocol)
            fact = f"{process.name} (pid {process.pid}) holds a netlink socket of family {each.family}"
            yield Hit(severity, f"The service {does}.", (Evidence(fact, each.origin),), remedy)
