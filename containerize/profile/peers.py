"""Peers of a workload: open connections, and services on other hosts or on the loopback that its files name.

Both are needed. A connection that is opened for each request is rarely seen open, and a file may name a host that is
asked once a month.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from assess.configuration_text.ip_addresses import plain_address
from assess.model import Workload
from assess.subjects.estate_index import EstateIndex

Peer = tuple[str, int, str]
"""(name or address as the service uses it, port, workload id or "")."""

_NEXT_DOOR = re.compile(rb"(?m)^(?![ \t]*[#;]).*?(?<![\w.])(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})\b")
_BESIDE = re.compile(
    rb"""(?mi)^(?![ \t]*[#;]).*?(?<![\w.])(127\.0\.0\.1|localhost|::1)["'\]]?
    [ \t]*+(?:[,;&][ \t]*+)?(?:\r?\n[ \t]*+)?  # the port follows, on the next line at most
    ["']?\w{0,24}?port["']?(?:[ \t]*+(?:=>?|:)[ \t]*+|[ \t]++)["']?(\d{1,5})\b""",
    re.VERBOSE,
)
"""``host=127.0.0.1;port=5432`` of a data source, ``"host": "localhost", "port": 6379``, two lines of an ini file."""

_WORD = re.compile(rb"[A-Za-z0-9]+(?:[_.-]+[A-Za-z0-9]+)*")


_LIBRARIES = re.compile(r"/(?:site-packages|dist-packages|node_modules|gems|vendor|perl5?|ruby)/")
_EXAMPLES = re.compile(r"\.(?:example|sample|dist|default|tmpl|orig|bak|dpkg-\w{3,4}|rpmnew|rpmsave)$|/examples?/")


def speaks_of_itself(path: str) -> bool:
    """Whether a file is a library or an example, which names what it could use and not what the service uses."""
    return _LIBRARIES.search(path) is not None or _EXAMPLES.search(path) is not None


class PeerFinder:
    """Collects peers. ``aliases`` are (name, address) of the host's own /etc/hosts; ``members`` the ids of the
    workloads that one image is made of, which are no peers of it. ``ships`` says whether a file is as a package brought
    it: what its examples and defaults name does not count as a peer.
    """

    def __init__(
        self,
        estate: EstateIndex,
        host: str,
        aliases: Iterable[tuple[str, str]],
        members: Iterable[str] = (),
        ships: Callable[[str, bytes], bool] = lambda _path, _content: False,
    ) -> None:
        self._estate = estate
        self._host = host
        self._members = frozenset(members)
        self._aliases = tuple(aliases)
        self._ships = ships
        self._found: dict[Peer, None] = {}

    @cached_property
    def _hosts(self) -> Mapping[str, str]:
        """Name or address to host, for every other host of the estate. What other hosts call themselves comes last."""
        estate = self._estate
        names = {name: host.name for name, host in estate.host_by_inventory_name.items()}
        names |= {address: host.name for address, host in estate.host_by_address.items()}
        for name, address in self._aliases:
            known = names.get(name.lower()) or names.get(address)
            if known:
                names.setdefault(name.lower(), known)
                names.setdefault(address, known)
        for name, claimant in estate.host_by_claimed_name.items():
            names.setdefault(name, claimant.name)
        return {name: host for name, host in names.items() if host != self._host}

    @cached_property
    def _services(self) -> Mapping[str, Mapping[int, str]]:
        """For each host the published TCP ports of its services."""
        return {
            host.name: {
                bound.port: workload.id
                for workload in host.workloads
                if workload.kind == "service"
                for bound in workload.ports
                if bound.published and bound.transport == "tcp" and not bound.likely
            }
            for host in self._estate.hosts
        }

    @cached_property
    def _next_door(self) -> Mapping[int, str]:
        """The TCP ports of the other services of this host, those that listen on loopback only included."""
        return {
            bound.port: workload.id
            for host in self._estate.hosts
            if host.name == self._host
            for workload in host.workloads
            if workload.kind == "service" and workload.id not in self._members
            for bound in workload.ports
            if bound.transport == "tcp" and not bound.likely
        }

    def read(self, path: str, content: bytes) -> None:
        """Look for other services of the estate in a file; a host counts when a port of its services stands there."""
        if b"\0" in content[:8192] or speaks_of_itself(path):
            return
        before = dict(self._found)
        self._read(content)
        if self._found.keys() != before.keys() and self._ships(path, content):
            self._found = before

    def _read(self, content: bytes) -> None:
        for match in self._named_next_door(content):
            if workload := self._next_door.get(int(match[2])):
                self._found[match[1].decode("ascii").strip("[]"), int(match[2]), workload] = None
        if not self._hosts:
            return
        words = {match[0].decode("ascii").lower() for match in _WORD.finditer(content)}
        for name in words & set(self._hosts):
            for port, workload in self._services.get(self._hosts[name], {}).items():
                if str(port) in words:
                    self._found[name, port, workload] = None

    def _named_next_door(self, content: bytes) -> Iterator[re.Match[bytes]]:
        if self._next_door:
            yield from _NEXT_DOOR.finditer(content)
            yield from _BESIDE.finditer(content)

    def connections(self, workload: Workload) -> None:
        """Take the connections that the workload itself opened."""
        for owned in workload.connections:
            if owned.inbound:
                continue
            address = plain_address(owned.connection.remote_address)
            port = owned.connection.remote_port
            if address.startswith("127.") or address == "::1":
                if neighbour := self._next_door.get(port):
                    self._found[address, port, neighbour] = None
                continue
            host = self._hosts.get(address)
            self._found[address, port, self._services.get(host, {}).get(port, "") if host else ""] = None

    def add(self, peers: Iterable[Peer]) -> None:
        """Take peers that were found otherwise."""
        self._found.update(dict.fromkeys(peers))

    def peers(self) -> tuple[Peer, ...]:
        """All that were found, in a fixed order."""
        return tuple(sorted(self._found))
