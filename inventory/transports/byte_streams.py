"""The byte stream below an SSH connection: TCP, or a command of the user."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from inventory.errors import HostError, HostUnreachable
from inventory.transports.ssh_settings import SshSettings

_SAFE = re.compile(r"[A-Za-z0-9._:@%+-]+")


@contextmanager
def tcp_socket(name: str, settings: SshSettings) -> Iterator[socket.socket]:
    """A TCP connection; all addresses of the name together have ``connect_timeout`` seconds."""
    connection = _dial(name, settings)
    try:
        yield connection
    finally:
        connection.close()


def _dial(name: str, settings: SshSettings) -> socket.socket:
    where = f"{name} ({settings.hostname} port {settings.port})"
    try:
        found = socket.getaddrinfo(settings.hostname, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnreachable(
            f"the name {settings.hostname!r} of {name} has no address; correct ansible_host or the name service"
        ) from error
    deadline = time.monotonic() + settings.connect_timeout
    last: OSError = TimeoutError()
    for family, kind, protocol, _, address in found:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(left)
            connection.connect(address)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            connection.close()
            last = error
            continue
        return connection
    if isinstance(last, TimeoutError):
        words = f"does not answer within {settings.connect_timeout:g} s; is it up, and is the address right?"
        raise HostUnreachable(f"{where} {words}") from last
    if isinstance(last, ConnectionRefusedError):
        words = "rejects connections: no SSH server listens there; is the port right?"
        raise HostUnreachable(f"{where} {words}") from last
    raise HostUnreachable(f"{where} cannot be reached: {last.strerror or last}") from last


@contextmanager
def command_socket(name: str, settings: SshSettings) -> Iterator[socket.socket]:
    """A ProxyCommand: the user's own command, run by the shell as ssh runs it, with our end of a socket pair.

    The names filled in come from the inventory, so anything that a shell could take for more than a name is rejected.
    """
    values = {
        "%h": settings.hostname,
        "%p": str(settings.port),
        "%r": settings.user,
        "%%": "%",
        "%n": settings.hostname,
    }

    def fill(match: re.Match[str]) -> str:
        value = values.get(match[0])
        if value is None or (value != "%" and not _SAFE.fullmatch(value)):
            raise HostError(f"the ProxyCommand of {name} cannot be filled in: {match[0]} is {value!r}")
        return value

    command = re.sub(r"%.", fill, settings.proxy_command or "")
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process = subprocess.Popen(
            ["/bin/sh", "-c", f"exec {command}"],
            stdin=theirs.fileno(),
            stdout=theirs.fileno(),
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        try:
            yield ours
        finally:
            ours.close()
            try:
                process.wait(1.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
