"""What the estate remembers of a host while others are judged: small, frozen, and shared by alike hosts.

A snapshot is read, judged and let go; this stays. It is what rules and plans may know of *other* hosts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

from assess.addresses import is_address
from assess.kernel_claims import Claim
from assess.kernel_wants import Want
from assess.model import Target
from inventory.observation import Origin

T = TypeVar("T")


class Shared:
    """One object for all equal ones: ten thousand hosts have few different ports, addresses and origins."""

    def __init__(self) -> None:
        self._known: dict[object, object] = {}

    def one(self, value: T) -> T:
        """``value``, or the equal one that was here before. It must be hashable, and equal only to its own type."""
        return self._known.setdefault((type(value), value), value)  # type: ignore[return-value]


class BoundPort(NamedTuple):
    """A port that a workload has bound. ``published``: others reach it, so it is wanted on a container host too."""

    transport: str
    port: int
    address: str
    published: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class KnownWorkload:
    """``ports`` are in the order of its listeners."""

    host: str
    name: str
    kind: Literal["service", "host function"]
    ports: tuple[BoundPort, ...]

    @property
    def id(self) -> str:
        """``host/name``."""
        return f"{self.host}/{self.name}"

    def wanted_ports(self) -> tuple[tuple[str, int], ...]:
        """(transport, port) that it must publish to be reached as today; nothing for a host function."""
        if self.kind != "service":
            return ()
        return tuple(sorted({(each.transport, each.port) for each in self.ports if each.published}))


@dataclass(frozen=True, slots=True)
class KnownHost:
    """``addresses`` are its own as far as they are known, ``names`` those it goes by, in lower case.

    ``wants`` are the kernel settings of its services, ``claims`` what they need of the kernel in one way only, both by
    id. ``connections_seen``: its connections could be read.
    """

    name: str
    addresses: frozenset[str]
    names: tuple[str, ...]
    workloads: tuple[KnownWorkload, ...]
    wants: tuple[tuple[str, tuple[Want, ...]], ...]
    claims: tuple[tuple[str, tuple[Claim, ...]], ...]
    connections_seen: bool

    def listening(self, port: int) -> tuple[KnownWorkload, ...]:
        """The workloads that listen on a port, on whatever address and transport."""
        return tuple(each for each in self.workloads if any(bound.port == port for bound in each.ports))


@dataclass(frozen=True)
class KnownEstate:
    """All hosts. ``now`` is our clock in seconds since the epoch: the time for which ages are computed."""

    hosts: tuple[KnownHost, ...]
    targets: tuple[Target, ...]
    now: float

    @cached_property
    def host_by_address(self) -> Mapping[str, KnownHost]:
        """Which host has an address. An address that several hosts claim (a moved service address) is left out."""
        owners: dict[str, KnownHost | None] = {}
        for host in self.hosts:
            for address in host.addresses:
                owners[address] = None if owners.get(address, host) is not host else host
        return {address: host for address, host in owners.items() if host is not None}

    @cached_property
    def host_by_name(self) -> Mapping[str, KnownHost]:
        """Hosts by the names they go by: in the inventory, as address, and their own host name; in lower case."""
        names: dict[str, KnownHost] = {}
        for host in self.hosts:
            for name in host.names:
                names.setdefault(name, host)
        return names

    @cached_property
    def known(self) -> Mapping[str, KnownHost]:
        """The hosts by their name in the inventory."""
        return {host.name: host for host in self.hosts}

    @cached_property
    def port_claims(self) -> Mapping[tuple[str, int], tuple[KnownWorkload, ...]]:
        """The services that want each (transport, port) on a network address, in the order of the estate."""
        claims: dict[tuple[str, int], list[KnownWorkload]] = {}
        for workload in self._workloads():
            for port in workload.wanted_ports():
                claims.setdefault(port, []).append(workload)
        return {port: tuple(claimants) for port, claimants in claims.items()}

    @cached_property
    def port_claim_ids(self) -> Mapping[tuple[str, int], tuple[str, ...]]:
        """The ids of the services that want each (transport, port): one tuple a port, shared by all who ask."""
        return {port: tuple(each.id for each in workloads) for port, workloads in self.port_claims.items()}

    def _workloads(self) -> Iterator[KnownWorkload]:
        return (workload for host in self.hosts for workload in host.workloads)


def names_known(names: Iterable[str]) -> tuple[str, ...]:
    """Those of ``names`` that a host can be called by, in lower case."""
    return tuple(dict.fromkeys(name.lower() for name in names if name and not is_address(name)))
