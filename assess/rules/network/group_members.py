"""Candidate members of a multicast group: the kernel's tables name the interface and not the process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assess.configuration_text.ip_addresses import endpoint
from assess.knowledge.kernel_features import multicast_groups
from assess.model import Evidence, Workload
from assess.subjects.host_facts import HostFacts
from inventory.model.sockets import Listener


@dataclass(frozen=True, slots=True)
class Members:
    """Workloads (by id) that may be members of a group, each with its evidence.

    ``sure`` is False when each of several services may be the member and nothing distinguishes them.
    """

    evidence: Mapping[str, Evidence]
    sure: bool


def members_of(host: HostFacts, group: str) -> Members:
    """Return the workloads that may be members of ``group``. The most certain kind of evidence counts.

    A socket bound to the group is certain; then a command line that names it; then the ports of a well-known
    group; else every service that accepts UDP packets on any address is a candidate.
    """
    for kind, services_only in ((_bound, False), (_told, False), (_well_known, False), (_anywhere, True)):
        found: dict[str, Evidence] = {}
        for workload in host.workloads:
            if services_only and workload.kind != "service":
                continue
            for owned in workload.listeners:
                if kind(workload, owned.listener, group):
                    what = f"{endpoint(owned.listener.address, owned.listener.port)}/{owned.listener.protocol}"
                    found.setdefault(
                        workload.id, Evidence(f"{workload.name} is bound to {what}", owned.listener.origin)
                    )
        if found:
            return Members(found, sure=kind is not _anywhere or len(found) == 1)
    return Members({}, sure=False)


def _bound(_: Workload, listener: Listener, group: str) -> bool:
    return listener.address == group


def _told(workload: Workload, listener: Listener, group: str) -> bool:
    if not listener.protocol.startswith("udp"):
        return False
    named = re.compile(rf"(?<![\w.:]){re.escape(group)}(?![\w.])")
    return any(named.search(word) for process in workload.processes for word in process.arguments[1:])


def _well_known(_: Workload, listener: Listener, group: str) -> bool:
    known = multicast_groups().get(group)
    if known is None:
        return False
    if listener.protocol.startswith("raw"):
        return listener.port in known.protocols
    return listener.protocol.startswith("udp") and listener.port in known.ports


def _anywhere(_: Workload, listener: Listener, group: str) -> bool:
    udp = "udp6" if ":" in group else "udp"
    # An IPv6 socket accepts IPv4 as well.
    return listener.any_address and listener.protocol in (udp, "udp6")
