"""One connection to a host that several builds share, with few commands at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO

from inventory.errors import HostError
from inventory.host import Host
from inventory.transports import TRANSPORTS
from inventory.transports.transport import Completed, Duplex, Transport

COMMANDS = 2
"""Commands that run on a host at once: one hashes or sends files, which waits for its disk, while another looks up."""


class SharedConnection:
    """Implements :class:`inventory.transports.transport.Transport`. A command waits until less than ``most`` run.

    A thread may begin another command while its own runs: it would wait for itself. :meth:`close` ends all commands.
    """

    def __init__(self, transport: Transport, most: int = COMMANDS) -> None:
        self.user, self.privileged = transport.user, transport.privileged
        self.peer, self.banner = transport.peer, transport.banner
        self._transport = transport
        self._free = threading.BoundedSemaphore(most)
        self._held = threading.local()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if getattr(self._held, "now", False):
            yield
            return
        with self._free:
            self._held.now = True
            try:
                yield
            finally:
                self._held.now = False

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """See the Protocol."""
        with self._turn():
            return self._transport.run(command, stdin, timeout=timeout, limit=limit)

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        """See the Protocol."""
        with self._turn(), self._transport.stream(command, stdin) as source:
            yield source

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol."""
        return self._transport.dial(address, port, timeout=timeout)

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol."""
        return self._transport.dial_unix(path, timeout=timeout)

    def close(self) -> None:
        """See the Protocol."""
        self._transport.close()


class HostConnections:
    """Connections by host, each opened by the first that needs it and closed when the last has left.

    ``uses`` are the numbers of times that each host is used; a host that could not be reached is not tried again.
    """

    def __init__(self, connect: Callable[[Host], AbstractContextManager[Transport]], uses: dict[str, int]) -> None:
        self._connect = connect
        self._hosts = {name: _SharedHost(number) for name, number in uses.items()}
        self._closed = False

    @contextmanager
    def to(self, host: Host) -> Iterator[Transport]:
        """The connection to a host, for one of its uses. Raises HostError."""
        shared = self._hosts[host.name]
        try:
            yield self._opened(host, shared)
        finally:
            with shared.lock:
                shared.left -= 1
                if not shared.left:
                    shared.close()

    def _opened(self, host: Host, shared: _SharedHost) -> Transport:
        with shared.lock:
            if shared.error is not None:
                raise shared.error
            if self._closed:
                raise HostError(f"the work on {host.name} was stopped")
            if shared.connection is None:
                opening = self._connect(host)
                try:
                    transport = opening.__enter__()
                except HostError as error:
                    shared.error = error
                    raise
                most = COMMANDS if host.connection in TRANSPORTS else 1
                shared.opening, shared.connection = opening, SharedConnection(transport, most)
            return shared.connection

    def close(self) -> None:
        """Close all, so that the commands that run end."""
        self._closed = True
        for shared in self._hosts.values():
            if (connection := shared.connection) is not None:
                connection.close()


class _SharedHost:
    def __init__(self, left: int) -> None:
        self.left = left
        self.lock = threading.Lock()
        self.opening: AbstractContextManager[Transport] | None = None
        self.connection: SharedConnection | None = None
        self.error: HostError | None = None

    def close(self) -> None:
        if self.opening is not None:
            self.opening.__exit__(None, None, None)
            self.opening = self.connection = None
