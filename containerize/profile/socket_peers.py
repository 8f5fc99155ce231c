"""Unix sockets of other services of the host that a workload uses: those tied by the scan, those it was connected to,
and those that files of its image name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache

from assess.model import SocketTie, Workload
from assess.subjects.host_facts import HostFacts
from assess.workloads.init_scripts import run_path
from assess.workloads.local_databases import LocalDatabases, meanings_in
from assess.workloads.socket_directories import POSTGRESQL, can_be_shared
from containerize.host.file_tree import HostTree
from containerize.plan.model import SocketPeer
from containerize.profile.peers import speaks_of_itself
from inventory.privacy.secrets.word_search import WordSearch

_MOST_DIRECTORIES = 100

_LONGEST = 108
"""Bytes of a path at which a socket can be bound (unix(7))."""


def socket_directories(host: HostFacts, data: Iterable[str]) -> tuple[str, ...]:
    """The directories below data in which services of a host have sockets: a listing does not look into data."""
    roots = tuple(data)
    paths = (run_path(each.path) for workload in host.workloads for each in workload.unix_sockets if each.listening)
    folders = {path.rpartition("/")[0] for path in paths if can_be_shared(path)}
    return tuple(sorted(folder for folder in folders if _below(folder, roots)))[:_MOST_DIRECTORIES]


class SocketFinder:
    """Collects the sockets. ``members`` are the workloads of the image, which are no peers of it; ``ships`` is the test
    of :class:`containerize.profile.peers.PeerFinder`.
    """

    def __init__(self, host: HostFacts, members: Iterable[Workload], ships: Callable[[str, bytes], bool]) -> None:
        self._members = {member.id: member for member in members}
        self._host = host
        self._ships = ships
        self._found: dict[tuple[str, str], str] = {}
        for member in self._members.values():
            for tie in member.socket_ties:
                self._add(tie)
        for client, tie in host.socket_connections:
            if client in self._members:
                self._add(tie)

    def _add(self, tie: SocketTie) -> None:
        if tie.companion not in self._members:
            self._found.setdefault((tie.path, tie.companion), tie.evidence.fact)

    @cached_property
    def _others(self) -> tuple[Workload, ...]:
        return tuple(each for each in self._host.workloads if each.kind == "service" and each.id not in self._members)

    @cached_property
    def _sockets(self) -> tuple[tuple[bytes, str, Workload], ...]:
        """(name in files, path, owner) of each socket of others with a path."""
        rows: dict[str, tuple[str, Workload]] = {}
        for owner in self._others:
            for socket in owner.unix_sockets:
                path = run_path(socket.path)
                if path.startswith("/") and len(path) <= _LONGEST and (socket.listening or socket.kind == "dgram"):
                    folder, _, name = path.rpartition("/")
                    for named in (path, folder) if name.startswith(POSTGRESQL) else (path,):
                        rows.setdefault(named, (path, owner))
        return tuple((os.fsencode(named), *row) for named, row in rows.items())

    @cached_property
    def _search(self) -> WordSearch | None:
        """The search for all of them at once: a host with a pool for each user has hundreds."""
        words = [named for named, _, _ in self._sockets]
        return WordSearch(words) if words else None

    @cached_property
    def _databases(self) -> LocalDatabases[Workload]:
        return LocalDatabases.of(self._others)

    def read(self, path: str, content: bytes) -> None:
        """Look for sockets of others in a file of the image."""
        if not self._others or b"\0" in content[:8192] or speaks_of_itself(path):
            return
        found = {**dict(self._named(path, content)), **dict(self._meant(path, content))}
        new = {key: reason for key, reason in found.items() if key not in self._found}
        if new and not self._ships(path, content):
            self._found |= new

    def _named(self, path: str, content: bytes) -> Iterator[tuple[tuple[str, str], str]]:
        hits = self._search.hits(content) if self._search is not None else ()
        for number in sorted({number for number, _, _ in hits}):
            named, socket, owner = self._sockets[number]
            if not _below(path, owner.configuration_roots) and _in_force(named).search(content):
                yield (socket, owner.id), f"{path} names {socket}, where {owner.name} listens"

    def _meant(self, path: str, content: bytes) -> Iterator[tuple[tuple[str, str], str]]:
        if not self._databases.by_meaning:
            return
        texts = content.decode("utf-8", "replace").split("\n")
        php = path.rpartition("/")[2].startswith(".env")
        for at, meaning in meanings_in(path, texts, php=php):
            if row := self._databases.by_meaning.get(meaning):
                owner, socket = row
                fact = f"{path}:{at + 1} names {meaning}, which means the socket of {owner.name}"
                yield (socket, owner.id), fact

    def peers(self, tree: HostTree) -> tuple[tuple[SocketPeer, ...], tuple[str, ...]]:
        """The peers by path, and a note for each socket that no two containers can share."""
        peers, notes = [], []
        for (path, workload), reason in sorted(self._found.items()):
            resolved = tree.resolve(path.rpartition("/")[0]) if can_be_shared(path) else None
            entry = tree.get(resolved.path) if resolved else None
            if resolved is None or entry is None or entry.kind != "d":
                notes.append(
                    f"{reason}, and two containers cannot share the directory of {path}: make {workload} part_of this "
                    "workload in brownfield.yaml, or move the socket into a separate directory"
                )
                continue
            peers.append(SocketPeer(path, workload, resolved.path, entry.uid, entry.gid, entry.mode, reason))
        return tuple(peers), tuple(notes)


@lru_cache(maxsize=1000)
def _in_force(path: bytes) -> re.Pattern[bytes]:
    """A path, or the same below /var, on a line that is not a comment."""
    return re.compile(rb"(?m)^(?![ \t]*(?:[#;*]|//)).*?(?<![\w.-])(?:/var)?" + re.escape(path) + rb"(?!/?[\w.-])")


def _below(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)
