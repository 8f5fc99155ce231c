"""The interface of a transport, the way to a host."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol, runtime_checkable

from inventory.errors import HostError


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished command. ``truncated``: the host sent more than the limit and was cut off there (status -1).

    ``noise`` is what came before the command itself began: the message of the day, a shell's start files.
    """

    exit_status: int
    stdout: bytes
    stderr: bytes
    truncated: bool = False
    noise: bytes = b""


class Interrupted(HostError):
    """A command began and did not end: its time was over, or the connection broke. ``partial`` is what came of it."""

    def __init__(self, sentence: str, partial: Completed) -> None:
        super().__init__(sentence)
        self.partial = partial


class Duplex(Protocol):
    """A byte stream to a port seen from the host (a socket, or a channel that looks like one)."""

    def settimeout(self, seconds: float | None, /) -> None:
        """Bound each further call."""
        ...

    def sendall(self, data: bytes, /) -> None:
        """Send everything."""
        ...

    def recv(self, size: int, /) -> bytes:
        """Receive up to ``size`` bytes; b"" at the end."""
        ...

    def close(self) -> None:
        """Close both directions."""
        ...


class Transport(Protocol):
    """An open way to one host. Commands are shell text built from constants and :func:`shlex.quote`-d names only.

    ``become`` runs the command as root through the privilege escalation of the inventory (``ansible_become*``); on a
    login that is root already it changes nothing. Raises a :class:`inventory.errors.HostError`.
    """

    user: str
    """The login user."""

    privileged: bool
    """Whether commands run as root: by login, or because the inventory asks to become root."""

    peer: str
    """The IP address that the connection reached, as this machine sees it; "" where another program or a jump host is
    in between. What a host reports about itself is a claim; this is not."""

    banner: str
    """The name of the host's SSH server, e.g. ``SSH-2.0-OpenSSH_9.2p1 Debian-2``; "" where there is none."""

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """Run ``command`` to its end, as root where the inventory asks for it (``privileged``).

        ``command`` is text for ``/bin/sh``, whatever the login shell is. Raises Interrupted after ``timeout`` seconds
        or when the connection breaks.
        """
        ...

    def stream(self, command: str, stdin: bytes = b"") -> AbstractContextManager[BinaryIO]:
        """Run ``command`` and read its standard output as it comes; a status other than 0 raises at the end of the
        block.
        """
        ...

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        """Connect to ``address:port`` from the host itself; raises HostError when the host denies forwarding."""
        ...

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        """Connect to a unix socket of the host; raises HostError where that is not possible."""
        ...

    def close(self) -> None:
        """Close the connection. Safe to call twice."""
        ...


@runtime_checkable
class Verbatim(Protocol):
    """A transport that can also hand over a command line as it is, for hosts without ``/bin/sh`` (Windows)."""

    def run_verbatim(
        self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20
    ) -> Completed:
        """Run ``command`` by the user's login shell. Like :meth:`Transport.run`, but never as another user, and
        ``noise`` stays empty: what a shell prints before is in ``stdout``.
        """
        ...
