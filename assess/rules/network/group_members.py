"""Who may have joined a multicast group: the kernel's tables name the interface and not the process."""

from __future__ import annotations

from collections.abc import Mapping

from assess.facts import HostFacts
from assess.kernel_tables import multicast_groups
from assess.model import Evidence
from inventory.model.sockets import Listener


def members_of(host: HostFacts, group: str) -> Mapping[str, Evidence]:
    """Workloads (by id) that may be members of ``group``, each with the socket that says so. The surest kind counts.

    A socket that is bound to the group is sure; then the ports of a well-known group; else every service that takes
    UDP packets from anywhere may be the one.
    """
    for kind, services_only in ((_bound, False), (_well_known, False), (_anywhere, True)):
        found: dict[str, Evidence] = {}
        for workload in host.workloads:
            if services_only and workload.kind != "service":
                continue
            for owned in workload.listeners:
                if kind(owned.listener, group):
                    what = f"{owned.listener.address}:{owned.listener.port}/{owned.listener.protocol}"
                    found.setdefault(
                        workload.id, Evidence(f"{workload.name} is bound to {what}", owned.listener.origin)
                    )
        if found:
            return found
    return {}


def _bound(listener: Listener, group: str) -> bool:
    return listener.address == group


def _well_known(listener: Listener, group: str) -> bool:
    known = multicast_groups().get(group)
    if known is None:
        return False
    if listener.protocol.startswith("raw"):
        return listener.port in known.protocols
    return listener.protocol.startswith("udp") and listener.port in known.ports


def _anywhere(listener: Listener, group: str) -> bool:
    udp = "udp6" if ":" in group else "udp"
    # An IPv6 socket takes IPv4 as well.
    return listener.any_address and listener.protocol in (udp, "udp6")
