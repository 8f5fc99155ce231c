"""The facts of each host that rules and plans need about other hosts: small, immutable, and shared by alike hosts.

A snapshot is read, judged and released; this index stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

from assess.configuration_text.ip_addresses import is_address, is_local_address
from assess.model import Target
from assess.subjects.kernel_choices import KernelChoice
from assess.subjects.kernel_requirements import SettingRequirement
from inventory.observation import Origin

T = TypeVar("T")


class Interner:
    """One object for all equal ones: ten thousand hosts have few different ports, addresses and origins."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def one(self, value: T) -> T:
        """``value``, or the equal one that was here before. It must be hashable, and equal only to its own type."""
        return self._known.setdefault((type(value), value), value)  # type: ignore[return-value]


class BoundPort(NamedTuple):
    """A port that a workload has bound. ``published``: others reach it, so it is wanted on a container host too.
    ``likely`` is the place in its configuration that sets the port, if the listening process could not be identified.
    """

    transport: str
    port: int
    address: str
    published: bool
    origin: Origin
    likely: str = ""


@dataclass(frozen=True, slots=True)
class IndexedWorkload:
    """``ports`` are in the order of its listeners."""

    host: str
    name: str
    kind: Literal["service", "host function"]
    ports: tuple[BoundPort, ...]

    @property
    def id(self) -> str:
        """``host/name``."""
        return f"{self.host}/{self.name}"

    def listens_on(self, port: int) -> bool:
        """Whether it listens on a port, on whatever address and transport."""
        return any(bound.port == port for bound in self.ports)

    def likely_at(self, port: int) -> str:
        """Return the place where its configuration sets the port, if nothing else shows that the listener belongs to
        it.
        """
        places = [bound.likely for bound in self.ports if bound.port == port]
        return places[0] if places and all(places) else ""

    def wanted_ports(self) -> tuple[tuple[str, int], ...]:
        """(transport, port) that it must publish to be reached as today; nothing for a host function."""
        if self.kind != "service":
            return ()
        return tuple(sorted({(each.transport, each.port) for each in self.ports if each.published}))


@dataclass(frozen=True, slots=True)
class IndexedHost:
    """``addresses`` and ``hostname`` are what the host reports of itself: claims, which may be false.
    ``proven_addresses`` and ``names`` come from the inventory and from the connection to it. Names are in lower case.

    ``kernel_requirements`` are the kernel settings of its services, ``kernel_choices`` the requirements that a kernel
    meets in one way only, both by id. ``connections_seen``: its connections could be read. ``unidentified`` are its
    listeners without a known or likely owner, None where its listeners could not be read.
    """

    name: str
    addresses: frozenset[str]
    proven_addresses: frozenset[str]
    names: tuple[str, ...]
    hostname: str
    workloads: tuple[IndexedWorkload, ...]
    kernel_requirements: tuple[tuple[str, tuple[SettingRequirement, ...]], ...]
    kernel_choices: tuple[tuple[str, tuple[KernelChoice, ...]], ...]
    connections_seen: bool
    unidentified: tuple[BoundPort, ...] | None = ()

    def listening(self, port: int) -> tuple[IndexedWorkload, ...]:
        """The workloads that listen on a port, on whatever address and transport."""
        return tuple(each for each in self.workloads if each.listens_on(port))

    def unidentified_at(self, port: int, transport: str = "tcp") -> bool:
        """Whether something without a known owner listens on a port."""
        return any((each.transport, each.port) == (transport, port) for each in self.unidentified or ())


@dataclass(frozen=True)
class EstateIndex:
    """All hosts. ``now`` is our clock in seconds since the epoch: the time for which ages are computed."""

    hosts: tuple[IndexedHost, ...]
    targets: tuple[Target, ...]
    now: float

    @cached_property
    def host_by_address(self) -> Mapping[str, IndexedHost]:
        """The hosts by address. An address proven by the inventory or a connection takes precedence over one that hosts
        claim; an address that several hosts claim, or several prove (a gateway that forwards ports), is left out.
        """
        proven = _sole(self.hosts, lambda host: host.proven_addresses)
        claimed = _sole(self.hosts, lambda host: host.addresses)
        return _owned({**claimed, **proven})

    @cached_property
    def host_by_name(self) -> Mapping[str, IndexedHost]:
        """Hosts by the names they go by, in lower case: those of the inventory, then what hosts call themselves. A name
        that several hosts claim is left out.
        """
        return {**self.host_by_claimed_name, **self.host_by_inventory_name}

    @cached_property
    def host_by_inventory_name(self) -> Mapping[str, IndexedHost]:
        """Hosts by the names that the inventory gives them."""
        return _owned(self._inventory_names)

    @cached_property
    def host_by_claimed_name(self) -> Mapping[str, IndexedHost]:
        """Hosts by what they alone call themselves, where the inventory does not use the name."""
        claimed = _sole(self.hosts, lambda host: (host.hostname,) if host.hostname else ())
        return _owned({name: host for name, host in claimed.items() if name not in self._inventory_names})

    @cached_property
    def _inventory_names(self) -> Mapping[str, IndexedHost | None]:
        named = _sole(self.hosts, lambda host: (host.name.lower(),))
        return {**_sole(self.hosts, lambda host: host.names), **named}

    @cached_property
    def inventory_names_by_domain(self) -> Mapping[str, Mapping[str, IndexedHost]]:
        """Hosts whose name in the inventory has a domain: by the domain, then by the name without it."""
        return _by_domain(self.host_by_inventory_name)

    @cached_property
    def claimed_names_by_domain(self) -> Mapping[str, Mapping[str, IndexedHost]]:
        """The same of hosts that call themselves by such a name."""
        return _by_domain(self.host_by_claimed_name)

    def reached_from(self, host: IndexedHost, address: str) -> IndexedHost | None:
        """The host that ``host`` reaches by an address. An address that several report is its own where it is one of
        them: a kernel delivers to itself what goes to one of its addresses.
        """
        if is_local_address(address):
            return host
        return self.host_by_address.get(address) or (host if address in host.addresses else None)

    @cached_property
    def address_claimants(self) -> Mapping[str, tuple[str, ...]]:
        """The hosts that report an address as theirs, for addresses that several report."""
        return _several(self.hosts, lambda host: host.addresses)

    @cached_property
    def name_claimants(self) -> Mapping[str, tuple[str, ...]]:
        """The hosts that call themselves by a name, for names that several use."""
        return _several(self.hosts, lambda host: (host.hostname,) if host.hostname else ())

    @cached_property
    def known(self) -> Mapping[str, IndexedHost]:
        """The hosts by their name in the inventory."""
        return {host.name: host for host in self.hosts}

    @cached_property
    def port_claims(self) -> Mapping[tuple[str, int], tuple[IndexedWorkload, ...]]:
        """The services that want each (transport, port) on a network address, in the order of the estate."""
        claims: dict[tuple[str, int], list[IndexedWorkload]] = {}
        for workload in self._workloads():
            for port in workload.wanted_ports():
                claims.setdefault(port, []).append(workload)
        return {port: tuple(claimants) for port, claimants in claims.items()}

    @cached_property
    def port_claim_ids(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        """The ids of the services that want each (transport, port): one tuple a port, shared by all who ask."""
        return {port: tuple(each.id for each in workloads) for port, workloads in self.port_claims.items()}

    def _workloads(self) -> Iterator[IndexedWorkload]:
        return (workload for host in self.hosts for workload in host.workloads)


def _sole(hosts: Iterable[IndexedHost], keys: Callable[[IndexedHost], Iterable[str]]) -> dict[str, IndexedHost | None]:
    """The one host that has each key; None where several have it."""
    owners: dict[str, IndexedHost | None] = {}
    for host in hosts:
        for key in keys(host):
            owners[key] = host if owners.get(key, host) is host else None
    return owners


def _owned(owners: Mapping[str, IndexedHost | None]) -> Mapping[str, IndexedHost]:
    return {key: host for key, host in owners.items() if host is not None}


def _by_domain(names: Mapping[str, IndexedHost]) -> Mapping[str, Mapping[str, IndexedHost]]:
    found: dict[str, dict[str, IndexedHost]] = {}
    for name, host in names.items():
        short, _, domain = name.partition(".")
        if domain:
            found.setdefault(domain, {})[short] = host
    return found


def _several(
    hosts: Iterable[IndexedHost], keys: Callable[[IndexedHost], Iterable[str]]
) -> Mapping[str, tuple[str, ...]]:
    claimants: dict[str, list[str]] = {}
    for host in hosts:
        for key in keys(host):
            claimants.setdefault(key, []).append(host.name)
    return {key: tuple(names) for key, names in claimants.items() if len(names) > 1}


def usable_names(names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` that a host can be called by, in lower case."""
    return tuple(dict.fromkeys(name.lower() for name in names if name and not is_address(name)))
