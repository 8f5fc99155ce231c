"""Listeners whose process could not be identified, and the service that likely owns each by its configuration."""

from __future__ import annotations

from typing import NamedTuple

from assess.model import Workload
from assess.subjects.host_facts import HostFacts
from assess.subjects.port_sources import sets_own_port
from assess.workloads.kernel_assigned_ports import answer_ports, is_return_address
from inventory.model.sockets import OwnedListener
from inventory.observation import value_or_none


class UnidentifiedListener(NamedTuple):
    """A listener without a known owner. ``likely`` is the one service of the host that sets the port as its own, and
    ``where`` the place that does; None and "" where no service does, or several.
    """

    owned: OwnedListener
    likely: Workload | None
    where: str


def unidentified_listeners(host: HostFacts) -> tuple[UnidentifiedListener, ...]:
    """The listeners of a host that belong to no workload, in the order of the kernel."""
    return tuple(
        UnidentifiedListener(owned, *_likely(host, owned.listener.port))
        for owned in value_or_none(host.snapshot.listeners) or ()
        if is_unidentified(host, owned)
    )


def is_unidentified(host: HostFacts, owned: OwnedListener) -> bool:
    """Whether the listening process could not be identified, or is in no workload. Raw sockets are left out, and UDP
    sockets on ports that the kernel assigned: most wait for the answer to a query.
    """
    listener = owned.listener
    if listener.protocol.startswith("raw") or any(pid in host.workload_of_pid for pid in owned.pids):
        return False
    return not is_return_address(listener, answer_ports(host.snapshot))


def _likely(host: HostFacts, port: int) -> tuple[Workload | None, str]:
    places = {
        workload.id: (workload, where)
        for workload in host.workloads
        if workload.kind == "service" and (where := sets_own_port(host, workload, port))
    }
    return next(iter(places.values())) if len(places) == 1 else (None, "")
