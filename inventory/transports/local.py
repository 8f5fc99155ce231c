"""The machine we run on (``ansible_connection=local``): the same commands by ``/bin/sh``, without SSH."""

from __future__ import annotations

import os
import pwd
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from inventory.errors import BecomeRefused, HostError
from inventory.host import Host
from inventory.transports.become import Escalation, escalation_for, runs_as_root
from inventory.transports.child_process import ChildProcess
from inventory.transports.command_session import command_line, converse, conversing
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.login_shell import Marker, marked
from inventory.transports.transport import Completed, Duplex


class LocalTransport:
    """See :class:`inventory.transports.transport.Transport`. ``ansible_user`` means nothing without a login."""

    banner = ""
    peer = ""

    def __init__(self, host: Host) -> None:
        try:
            self.user = pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:  # a container that runs as a uid without a name
            self.user = str(os.geteuid())
        self.privileged = runs_as_root(host, self.user)
        self._host = host

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """See the Protocol."""
        with self._started(command) as (exchange, marker, escalation):
            return converse(exchange, self._host.name, marker, escalation, stdin, timeout=timeout, limit=limit)

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        """See the Protocol."""
        with (
            self._started(command) as (exchange, marker, escalation),
            conversing(exchange, self._host.name, marker, escalation, stdin) as output,
        ):
            yield output

    @contextmanager
    def _started(self, command: str) -> Iterator[tuple[ChildProcess, Marker, Escalation | None]]:
        marker = Marker()
        escalation = escalation_for(self._host, self.user)
        if escalation is not None:
            escalation = escalation.saying(marked(command, marker))
        if escalation is not None and escalation.terminal:
            raise BecomeRefused(f"{escalation.method} does not work for {self._host.name} itself; run assess as root")
        try:
            exchange = ChildProcess(["/bin/sh", "-c", command_line(command, marker, escalation, 0)])
        except OSError as error:
            raise HostError(f"{self._host.name}: this machine starts no command: {error.strerror}") from error
        try:
            yield exchange, marker, escalation
        finally:
            exchange.kill()

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol."""
        try:
            return socket.create_connection((address, port), timeout)
        except OSError as error:
            raise HostError(f"nothing answers at {address} port {port} on {self._host.name}: {error}") from error

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout)
            connection.connect(path)
        except OSError as error:
            connection.close()
            raise HostError(f"nothing answers at {path} on {self._host.name}: {error}") from error
        return connection

    def close(self) -> None:
        """See the Protocol."""


@contextmanager
def connect_local(host: Host, _options: ConnectOptions) -> Iterator[LocalTransport]:
    """The machine we run on."""
    yield LocalTransport(host)
