"""The facts of several hosts at once, and the part of them that other hosts may know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from sys import intern

from assess.model import Target
from assess.subjects.estate_index import BoundPort, EstateIndex, IndexedHost, IndexedWorkload, Interner, usable_names
from assess.subjects.host_facts import HostFacts
from assess.subjects.unidentified_listeners import unidentified_listeners
from assess.workloads.published_ports import is_published, transport_of
from inventory.model.sockets import OwnedListener
from inventory.observation import Origin, value_or_none


@dataclass(frozen=True)
class EstateFacts:
    """A few hosts with all their facts. Rules and plans see the estate as ``known``."""

    hosts: tuple[HostFacts, ...]
    targets: tuple[Target, ...]
    now: float

    @cached_property
    def known(self) -> EstateIndex:
        """The facts that hosts know of each other."""
        interner = Interner()
        return EstateIndex(tuple(index_host(host, interner) for host in self.hosts), self.targets, self.now)

    @property
    def host_by_address(self) -> Mapping[str, IndexedHost]:
        """The hosts by address."""
        return self.known.host_by_address

    @property
    def host_by_name(self) -> Mapping[str, IndexedHost]:
        """Hosts by the names they go by, in lower case."""
        return self.known.host_by_name


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
