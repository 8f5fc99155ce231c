"""SSH by paramiko: one connection and, for a scan, one command per host."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

import paramiko

from inventory.errors import HostError
from inventory.host import Host
from inventory.transports.become import Escalation, TerminalWanted, escalation_for, runs_as_root
from inventory.transports.command_session import command_line, converse, converse_verbatim, conversing
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.login_shell import Marker, marked
from inventory.transports.printable_text import printable
from inventory.transports.ssh_connection import SshConnection, close_connection, open_connection
from inventory.transports.ssh_settings import SshSettings, settings_for
from inventory.transports.transport import Completed, Duplex

_BULK_WINDOW = 16 << 20  # larger ones make sshd slow: it buffers what the window lets it
_LEAST_WINDOW = 64 << 10  # two packets


class _Wake(threading.Event):
    """Set by whatever arrives on one of a channel's streams.

    paramiko would clear it when one stream is read to its end although the other has more, so only we clear it. Its own
    offer, ``Channel.fileno()``, is a pipe that it still writes to after it has closed it, which costs the connection.
    """

    def clear(self) -> None:
        """Called by paramiko; see :meth:`rearm`."""

    def rearm(self) -> None:
        """Forget what has arrived so far."""
        super().clear()


class _ChannelSession:
    """A command in a paramiko channel; see :class:`inventory.transports.command_session.CommandSession`."""

    def __init__(self, connection: SshConnection, channel: paramiko.Channel) -> None:
        self._connection = connection
        self._channel = channel
        self._wake = _Wake()
        channel.in_buffer.set_event(self._wake)
        channel.in_stderr_buffer.set_event(self._wake)

    def read(self, seconds: float, /) -> tuple[bytes, bytes, bool]:
        channel = self._channel
        deadline = time.monotonic() + seconds
        while True:
            # In this order: what comes between two of the questions is not missed, but read the next time.
            self._wake.rearm()
            ended = channel.eof_received or channel.closed
            out = channel.recv(1 << 20) if channel.recv_ready() else b""
            err = channel.recv_stderr(1 << 20) if channel.recv_stderr_ready() else b""
            if out or err:
                return out, err, False
            if ended:
                if channel.exit_status < 0 and not self._connection.is_active():
                    raise EOFError
                return b"", b"", True
            left = deadline - time.monotonic()
            if left <= 0:
                return b"", b"", False
            self._wake.wait(left)

    def write(self, data: bytes, /) -> None:
        with suppress(OSError, EOFError):  # the command has ended; how, the reader sees
            self._channel.sendall(data)

    def end_input(self) -> None:
        with suppress(OSError, EOFError):
            self._channel.shutdown_write()

    def status(self, seconds: float, /) -> int:
        return self._channel.recv_exit_status() if self._channel.status_event.wait(seconds) else -1

    def kill(self) -> None:
        self._channel.close()


class SshTransport:
    """An open connection; see :class:`inventory.transports.transport.Transport`."""

    def __init__(self, host: Host, connection: SshConnection, settings: SshSettings, bytes_per_second: int = 0) -> None:
        self.user = settings.user
        self.privileged = runs_as_root(host, settings.user)
        self.banner = printable(connection.remote_version)
        self.peer = connection.peer
        self._host = host
        self._connection = connection
        self._timeout = settings.connect_timeout
        self._window = bulk_window(bytes_per_second)
        self._terminal = False  # becomes true when sudo turns out to need one

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        """See the Protocol."""
        with self._started(command, stdin, None) as (exchange, marker, escalation):
            try:
                return converse(exchange, self._host.name, marker, escalation, stdin, timeout=timeout, limit=limit)
            except TerminalWanted:
                if self._terminal:
                    raise
        self._terminal = True  # nothing was run, so nothing is done twice
        return self.run(command, stdin, timeout=timeout, limit=limit)

    def run_verbatim(
        self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20
    ) -> Completed:
        """See :class:`inventory.transports.transport.Verbatim`."""
        with self._executing(command, None, terminal=False) as exchange:
            return converse_verbatim(exchange, self._host.name, stdin, timeout=timeout, limit=limit)

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        """See the Protocol."""
        if not self._terminal and escalation_for(self._host, self.user) is not None:
            self.run(":")  # to find out whether sudo needs a terminal, before there is half a stream
        with (
            self._started(command, stdin, self._window) as (exchange, marker, escalation),
            conversing(exchange, self._host.name, marker, escalation, stdin) as output,
        ):
            yield output

    @contextmanager
    def _started(
        self, command: str, stdin: bytes, window: int | None
    ) -> Iterator[tuple[_ChannelSession, Marker, Escalation | None]]:
        marker = Marker()
        escalation = escalation_for(self._host, self.user)
        if escalation is not None:
            escalation = (escalation.on_a_terminal() if self._terminal else escalation).saying(marked(command, marker))
        line = command_line(command, marker, escalation, len(stdin))
        terminal = escalation is not None and escalation.terminal
        with self._executing(line, window, terminal=terminal) as exchange:
            yield exchange, marker, escalation

    @contextmanager
    def _executing(self, line: str, window: int | None, *, terminal: bool) -> Iterator[_ChannelSession]:
        try:
            channel = self._connection.open_channel("session", window_size=window, timeout=self._timeout)
            channel.settimeout(60.0)  # for sending: a host that never reads must not hold us for ever
            if terminal:
                channel.get_pty("dumb")
            channel.exec_command(line)
        except (paramiko.SSHException, EOFError, OSError) as error:
            why = printable(str(error), 120) or "the connection broke"
            raise HostError(f"{self._host.name} lets {self.user} in and then runs no command: {why}") from error
        exchange = _ChannelSession(self._connection, channel)
        try:
            yield exchange
        finally:
            exchange.kill()

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol."""
        try:
            channel = self._connection.open_channel(
                "direct-tcpip", (address, port), ("127.0.0.1", 0), window_size=_BULK_WINDOW, timeout=timeout
            )
        except (paramiko.SSHException, EOFError, OSError) as error:
            raise HostError(_no_channel(self._host.name, f"{address} port {port}", error)) from error
        channel.settimeout(timeout)
        return channel

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        """See the Protocol. The socket is opened with the rights of the login user, whatever ``become`` is."""
        try:
            channel = self._connection.open_unix(path, timeout)
        except (paramiko.SSHException, EOFError, OSError) as error:
            if isinstance(error, paramiko.ChannelException):
                # sshd gives the same answer whether it may not forward or nothing listens.
                words = f"{path} on {self._host.name} does not answer; does its SSH server forward to sockets?"
                raise HostError(f"{words} (AllowStreamLocalForwarding)") from error
            raise HostError(_no_channel(self._host.name, path, error)) from error
        channel.settimeout(timeout)
        return channel

    def close(self) -> None:
        """See the Protocol."""
        close_connection(self._connection)


def bulk_window(bytes_per_second: int) -> int:
    """The number of bytes that a server may send before we took any: at once, of a link that is to be spared, a
    second's worth.
    """
    return min(_BULK_WINDOW, max(_LEAST_WINDOW, bytes_per_second)) if bytes_per_second else _BULK_WINDOW


def _no_channel(name: str, target: str, error: Exception) -> str:
    if isinstance(error, paramiko.ChannelException) and error.code == 1:
        return f"the SSH server of {name} does not forward to {target} (AllowTcpForwarding)"
    if isinstance(error, paramiko.ChannelException):
        return f"nothing answers at {target} on {name}"
    return f"the connection to {name} broke on the way to {target}: {printable(str(error), 120)}"


@contextmanager
def connect_ssh(host: Host, options: ConnectOptions, settings: SshSettings | None = None) -> Iterator[SshTransport]:
    """An open connection to ``host``, through its jump hosts if it has any."""
    settings = settings or settings_for(host, options)
    with open_connection(host, options, settings) as connection:
        yield SshTransport(host, connection, settings, options.bytes_per_second)
