"""Links between processes of one host, joined from several sections (see :mod:`inventory.links.process_links`)."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model.sockets import OwnedConnection
from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Pipe:
    """A pipe between at least two processes; ``name`` is ``pipe:[INODE]``, or a path when ``named``.

    A process that holds both ends is in both lists; so are children that inherited an end they never use.
    """

    name: str
    named: bool
    writers: tuple[int, ...]
    readers: tuple[int, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class UnixSocketLink:
    """A connection over a unix socket between different processes.

    ``path`` is the name of the end that accepted, whose processes are ``server_pids``; of a pair without any name it is
    "" and which end is called the server means nothing. An end without a visible owner has no PIDs.
    """

    path: str
    kind: str
    server_pids: tuple[int, ...]
    client_pids: tuple[int, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class LocalConnection:
    """A TCP connection of the host with itself: ``server`` is the end on the port that is listened on."""

    server: OwnedConnection
    client: OwnedConnection


@dataclass(frozen=True, slots=True)
class SharedMemory:
    """A segment of POSIX or System V shared memory, or a file of huge pages, that several processes have mapped."""

    path: str
    pids: tuple[int, ...]
    origin: Origin
