"""Ports that services publish on the network, and for which they compete on a container host."""

from __future__ import annotations

from assess.model import Workload
from inventory.model.sockets import OwnedListener


def transport_of(protocol: str) -> str:
    """``tcp`` for tcp6: one port of a container host serves both families."""
    return protocol.removesuffix("6")


def wanted_ports(workload: Workload) -> tuple[tuple[str, int], ...]:
    """(transport, port) that a service must publish to be reached as today: what it listens on beyond loopback."""
    if workload.kind != "service":
        return ()
    wanted = {
        (transport_of(owned.listener.protocol), owned.listener.port)
        for owned in workload.listeners
        if is_published(owned)
    }
    return tuple(sorted(wanted))


def is_published(owned: OwnedListener) -> bool:
    """Whether a listener is one that others reach by a port."""
    return owned.listener.protocol.startswith(("tcp", "udp")) and not owned.listener.loopback
