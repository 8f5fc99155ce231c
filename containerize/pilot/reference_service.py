"""Access to the live service: through its own host, or directly where the host does not forward connections."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from inventory.errors import HostError
from inventory.host import Host
from inventory.transports.transport import Completed, Duplex, Transport

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The origin and address of a connection to a port. ``inside`` means from the host itself; the copy is then reached
    from within its own node at the same address, and both see the same client.
    """

    address: str
    port: int
    inside: bool


class ReferenceService:
    """The live service of one workload. ``transport`` is None when its host cannot be reached; ``reason`` says why."""

    def __init__(self, host: Host, transport: Transport | None, reason: str = "") -> None:
        self.host = host
        self.reason = reason
        self._transport = transport

    @property
    def reachable(self) -> bool:
        """Whether there is a connection to the host."""
        return self._transport is not None

    @property
    def transport(self) -> Transport:
        """The connection; raises HostError without one."""
        if self._transport is None:
            raise HostError(self.reason or f"{self.host.name} cannot be reached")
        return self._transport

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 60.0, limit: int = 4 << 20) -> Completed:
        """A command on the host; see Transport."""
        return self.transport.run(command, stdin, timeout=timeout, limit=limit)

    def vantage(self, port: int, address: str) -> Endpoint:
        """The endpoint for a port. Raises HostError when it is reachable neither from the host nor from here."""
        inside = dialled_address(address)
        try:
            self.transport.dial(inside, port, timeout=5.0).close()
        except HostError as refused:
            outside = self.host.address or self.host.name
            try:
                socket.create_connection((outside, port), timeout=5.0).close()
            except OSError:
                raise refused from None
            return Endpoint(outside, port, inside=False)
        return Endpoint(inside, port, inside=True)

    def dial(self, vantage: Endpoint, timeout: float = 10.0) -> Duplex:
        """Connect. Raises HostError, or OSError as a socket does."""
        if vantage.inside:
            return self.transport.dial(vantage.address, vantage.port, timeout=timeout)
        return socket.create_connection((vantage.address, vantage.port), timeout=timeout)

    @property
    def peer(self) -> str:
        """The address that the connection to the host reached; "" where that is not known."""
        return self._transport.peer if self._transport is not None else ""

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """IPv4 addresses that the host reports, its main one first. Empty when they cannot be read."""
        if not self.reachable:
            return ()
        with suppress(HostError):
            done = self.run("ip -4 -o addr show scope global 2>/dev/null || hostname -I 2>/dev/null", timeout=20)
            return parse_addresses(done.stdout.decode("ascii", "replace"))
        return ()


def dialled_address(bound: str) -> str:
    """The address at which the host itself reaches what is bound to ``bound``."""
    if bound in ("", "0.0.0.0", "::", "*"):  # noqa: S104 - compared, not bound
        return _LOOPBACK
    return bound.removeprefix("::ffff:")


def parse_addresses(text: str) -> tuple[str, ...]:
    """Addresses in the output of ``ip -4 -o addr`` or ``hostname -I``."""
    words = text.split()
    if "inet" in words:  # the other addresses of that output are broadcast and peer addresses
        words = [word for before, word in pairwise(words) if before == "inet"]
    found: dict[str, None] = {}
    for word in words:
        address = word.partition("/")[0]
        try:
            socket.inet_pton(socket.AF_INET, address)
        except (OSError, ValueError):
            continue
        if not address.startswith("127."):
            found[address] = None
    return tuple(found)
