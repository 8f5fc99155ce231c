"""The facts of several hosts at once, and the part of them that other hosts may know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import Protocol

from assess.model import Target
from assess.subjects.estate_index import BoundPort, EstateIndex, IndexedHost, IndexedWorkload, Interner, usable_names
from assess.subjects.host_facts import HostFacts
from assess.subjects.unidentified_listeners import unidentified_listeners
from assess.workloads.published_ports import is_published, transport_of
from inventory.model.sockets import OwnedListener
from inventory.observation import Origin, value_or_none


class EstateView(Protocol):
    """The estate for work on a few of its hosts. Rules and plans need ``known`` alone."""

    @property
    def known(self) -> EstateIndex:
        """The index of what hosts know about each other."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The scanned container hosts."""

    def host(self, name: str) -> HostFacts:
        """All facts of a host, by its name in the inventory."""


@dataclass(frozen=True)
class EstateFacts:
    """An :class:`EstateView` with all facts of all hosts in memory."""

    hosts: tuple[HostFacts, ...]
    targets: tuple[Target, ...]
    now: float

    @cached_property
    def known(self) -> EstateIndex:
        """The facts that hosts know of each other."""
        interner = Interner()
        return EstateIndex(tuple(index_host(host, interner) for host in self.hosts), self.targets, self.now)

    def host(self, name: str) -> HostFacts:
        """A host by its name in the inventory."""
        return next(host for host in self.hosts if host.name == name)


def index_host(host: HostFacts, interner: Interner) -> IndexedHost:
    """Return what other hosts may know of a host."""
    one = interner.one
    system = value_or_none(host.snapshot.system)
    unidentified = unidentified_listeners(host)
    likely: dict[str, list[BoundPort]] = {}
    for each in unidentified:
        if each.likely is not None:
            bound = _bound(each.owned, one(each.owned.listener.origin))._replace(likely=each.where)
            likely.setdefault(each.likely.id, []).append(one(bound))
    return IndexedHost(
        name=host.name,
        addresses=frozenset(host.addresses),
        proven_addresses=host.proven_addresses,
        names=usable_names((host.name, host.snapshot.address)),
        hostname=next(iter(usable_names((system.hostname,))), "") if system else "",
        workloads=tuple(
            IndexedWorkload(
                each.host,
                one(each.name),
                each.kind,
                one(
                    (
                        *(one(_bound(owned, one(owned.listener.origin))) for owned in each.listeners),
                        *likely.get(each.id, ()),
                    )
                ),
            )
            for each in host.workloads
        ),
        kernel_requirements=tuple((name, one(wants)) for name, wants in host.kernel_requirements.items()),
        kernel_choices=tuple((name, one(claims)) for name, claims in host.kernel_choices.items()),
        connections_seen=value_or_none(host.snapshot.connections) is not None,
        unidentified=one(
            tuple(
                one(_bound(each.owned, one(each.owned.listener.origin))) for each in unidentified if each.likely is None
            )
        )
        if value_or_none(host.snapshot.listeners) is not None
        else None,
    )


def _bound(owned: OwnedListener, origin: Origin) -> BoundPort:
    listener = owned.listener
    return BoundPort(
        transport_of(listener.protocol), listener.port, intern(listener.address), is_published(owned), origin
    )
