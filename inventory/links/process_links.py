"""Joins that tie processes of one host to each other: pipes, unix sockets, connections to itself, shared memory.

All are pure functions of the values of sections. What could not be seen of a process is missing here, so a gap of
``open_files`` or ``sockets`` is a gap of these too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from inventory.model.libraries import MappedFile
from inventory.model.open_files import OpenFile
from inventory.model.process_links import LocalConnection, Pipe, SharedMemory, UnixSocketLink
from inventory.model.sockets import OwnedConnection, UnixPeer

_SHARED = ("/dev/shm/", "/run/shm/", "/SYSV", "/dev/hugepages/", "/anon_hugepage")  # noqa: S108 - compared only
_KERNEL_OBJECTS = ("anon_inode:", "/memfd:")
_MAPPED_V4 = "::ffff:"


def pipes(files: Iterable[OpenFile]) -> tuple[Pipe, ...]:
    """Pipes and FIFOs that several processes hold, in the order in which they were met."""
    ends: dict[str, list[OpenFile]] = {}
    for file in files:
        if file.kind in ("pipe", "fifo"):
            ends.setdefault(file.target, []).append(file)
    return tuple(
        Pipe(
            name=name,
            named=held[0].fifo,
            writers=tuple(dict.fromkeys(file.pid for file in held if file.writable)),
            readers=tuple(dict.fromkeys(file.pid for file in held if file.readable)),
            origin=held[0].origin,
        )
        for name, held in ends.items()
        if len({file.pid for file in held}) > 1
    )


def unix_ties(peers: Iterable[UnixPeer], holders_of: Callable[[int], tuple[int, ...]]) -> tuple[UnixSocketLink, ...]:
    """Each connected pair of unix sockets once, unless both ends are held by the same processes alone."""
    by_inode = {peer.inode: peer for peer in peers}
    found: list[UnixSocketLink] = []
    for peer in by_inode.values():
        other = by_inode.get(peer.peer_inode)
        # Many datagram sockets may be connected to one that is connected to none: that one has no separate row.
        mutual = other is not None and other.peer_inode == peer.inode
        if mutual and other is not None and ((other.path != "", other.inode) > (peer.path != "", peer.inode)):
            continue  # reported at the other end
        if mutual:
            server, client, path = peer.inode, peer.peer_inode, peer.path
        else:
            server, client, path = peer.peer_inode, peer.inode, other.path if other else ""
        servers, clients = holders_of(server), holders_of(client)
        if servers != clients:
            found.append(UnixSocketLink(path, peer.kind, servers, clients, peer.origin))
    return tuple(found)


def local_connections(connections: Iterable[OwnedConnection]) -> tuple[LocalConnection, ...]:
    """TCP connections of which both ends were seen on this host."""
    ends: dict[tuple[str, int, str, int], OwnedConnection] = {}
    for owned in connections:
        one = owned.connection
        if one.protocol.startswith("tcp"):
            ends[_plain(one.local_address), one.local_port, _plain(one.remote_address), one.remote_port] = owned
    found: list[LocalConnection] = []
    for (address, port, remote, remote_port), owned in ends.items():
        other = ends.get((remote, remote_port, address, port))
        if other is not None and owned.inbound and other is not owned and not (other.inbound and remote_port < port):
            found.append(LocalConnection(server=owned, client=other))
    return tuple(found)


def _plain(address: str) -> str:
    """One end of a connection over IPv4 may be an IPv6 socket."""
    return address.removeprefix(_MAPPED_V4)


def shared_memory(mapped: Iterable[MappedFile]) -> tuple[SharedMemory, ...]:
    """Segments that several processes have mapped.

    Private System V segments all have the same name (key 0), so it does not distinguish them, and they are left out.
    """
    return tuple(
        SharedMemory(file.path, file.pids, file.origin)
        for file in mapped
        if len(file.pids) > 1 and file.path.startswith(_SHARED) and not file.path.startswith("/SYSV00000000")
    )


def kernel_objects(files: Iterable[OpenFile]) -> Mapping[int, Mapping[str, int]]:
    """The number of descriptors of each kind of kernel object (inotify, io_uring, eventfd …, and memfd) that a process
    has.
    """
    found: dict[int, dict[str, int]] = {}
    for file in files:
        if not file.target.startswith(_KERNEL_OBJECTS):  # most are files and sockets
            continue
        name = "memfd" if file.kind == "memfd" else file.kernel_object
        if name:
            counts = found.setdefault(file.pid, {})
            counts[name] = counts.get(name, 0) + 1
    return found
