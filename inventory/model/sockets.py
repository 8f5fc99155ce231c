"""Sockets and connections, as the kernel lists them. Owners are joined by inode (see ``Snapshot.listeners``)."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Listener:
    """A bound TCP socket in LISTEN, or a bound UDP socket. ``protocol`` is tcp, tcp6, udp, udp6 or raw, raw6.

    ``address`` is printed in its usual form (``0.0.0.0``, ``::``, ``127.0.0.1``). ``port`` of a raw socket is the IP
    protocol.
    """

    protocol: str
    address: str
    port: int
    uid: int
    inode: int
    origin: Origin

    @property
    def loopback(self) -> bool:
        """Whether only the host itself can reach it."""
        return self.address.startswith("127.") or self.address in ("::1", "::ffff:127.0.0.1")

    @property
    def any_address(self) -> bool:
        """Whether it is bound to every address."""
        return self.address in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class Connection:
    """A TCP connection of a process (not one in TIME_WAIT), or a UDP or raw socket that has a peer.

    ``state`` is the kernel's word (``ESTABLISHED``, ``CLOSE_WAIT`` …); of sockets without TCP always ``ESTABLISHED``.
    """

    protocol: str
    local_address: str
    local_port: int
    remote_address: str
    remote_port: int
    state: str
    uid: int
    inode: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class UnixSocket:
    """A named unix socket; an abstract name starts with ``@``. ``kind`` is stream, dgram or seqpacket.

    A connection that was accepted has the name of the socket that listened.
    """

    path: str
    kind: str
    listening: bool
    inode: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sockets:
    """All sockets of the host's network namespace."""

    listeners: tuple[Listener, ...]
    connections: tuple[Connection, ...]
    unix: tuple[UnixSocket, ...]


@dataclass(frozen=True, slots=True)
class OwnedListener:
    """A listener with the processes that hold it; ``pids`` is empty when the owner could not be seen."""

    listener: Listener
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OwnedConnection:
    """A connection with the processes that hold it. ``inbound``: its local port is one the host listens on."""

    connection: Connection
    pids: tuple[int, ...]
    inbound: bool
