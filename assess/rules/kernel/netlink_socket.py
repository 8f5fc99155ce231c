"""KRN009."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.rules.kernel.socket_owners import held_by
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_OF_CONTAINER = "Start the container with --cap-add NET_ADMIN, and with --network host if it means the host's network."
_OF_HOST = "Leave this work to the container host, or run the program there."
_FAMILIES = {
    5: ("reads what the packet filter logs", _OF_CONTAINER, Severity.MAJOR),
    6: ("sets up IPsec", _OF_CONTAINER, Severity.MAJOR),
    8: ("drives iSCSI", _OF_HOST, Severity.MAJOR),
    9: ("reads or writes the audit log", _OF_HOST, Severity.MINOR),
    11: ("watches the processes of the whole host", _OF_HOST, Severity.MINOR),
    12: ("changes or watches the packet filter", _OF_CONTAINER, Severity.MAJOR),
    15: ("waits for devices to come and go", _OF_HOST, Severity.MINOR),
    20: ("drives RDMA", _OF_HOST, Severity.MAJOR),
}
"""Families that do something which a container refuses or shows differently. Route, generic and sock_diag sockets are
opened by the C library and by run-times for a moment, and say nothing of a program, unless it subscribed to changes.
Without what the major ones ask for the program does not start, or does nothing."""


@rule("KRN009", scope=Scope.WORKLOAD, needs=("processes", "open_files", "sockets"))
def netlink_socket(subject: WorkloadSubject) -> RuleAnswer:
    """The workload configures or watches a part of the kernel over netlink.

    Why:
        Routes, packet filter and IPsec of a container are its own: changing them takes NET_ADMIN, and changes nothing
        of the host. Audit, iSCSI and the events of devices belong to the host alone and stay silent in a container.
    Remedy:
        Give NET_ADMIN, with the host's network where the host's routes or filter are meant; leave audit and devices to
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
            does, remedy, severity = "watches addresses and routes", _OF_CONTAINER, Severity.MINOR
        elif each.protocol in _FAMILIES:
            does, remedy, severity = _FAMILIES[each.protocol]
        else:
            continue
        process = held_by(subject, each.inode, each.port_id)
        if process is not None:
            told.add(each.protocol)
            fact = f"{process.name} (pid {process.pid}) holds a netlink socket of the family {each.family}"
            yield Hit(severity, f"It {does}.", (Evidence(fact, each.origin),), remedy)
