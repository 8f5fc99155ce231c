"""An SSH connection: the way to the server, the exchange of keys, the check of the host's, the login."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

import paramiko

from inventory.ansible.host_variables import PASSPHRASE
from inventory.errors import HostError, HostUnreachable
from inventory.host import Host
from inventory.transports.byte_streams import command_socket, tcp_socket
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.login import log_in
from inventory.transports.printable_text import printable
from inventory.transports.ssh_settings import SshSettings, settings_for

# AES-GCM with hardware support costs a fifth of paramiko's default in CPU, and curve25519 the least of key exchanges.
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")
_EXCHANGES = ("curve25519-sha256@libssh.org", "curve25519-sha256")

_STREAMLOCAL = "direct-streamlocal@openssh.com"

_LOG = "brownfield.paramiko"
logging.getLogger(_LOG).addHandler(logging.NullHandler())
logging.getLogger(_LOG).propagate = False  # paramiko logs what it also raises; the user gets our sentence


class HungUp(HostUnreachable):
    """The server ended the connection before the exchange of keys, which it may not do the next time."""


class OldCrypto(HostUnreachable):
    """No common key exchange, cipher or kind of host key."""


class OnlyOpenSsh(HostError):
    """A jump host needs what only the OpenSSH client can do."""


class SshConnection(paramiko.Transport):
    """A paramiko connection that can also open a channel to a unix socket of the host.

    paramiko's ``open_channel`` adds no fields to a kind of channel that it does not know, and the request for a unix
    socket (PROTOCOL of OpenSSH, 2.4) has three, so they are added on the way out.
    """

    peer = ""
    """The IP address at the other end of our own TCP connection; "" behind a jump host or a proxy command."""

    _streamlocal = threading.local()

    def open_unix(self, path: str, timeout: float) -> paramiko.Channel:
        """A channel to the unix socket at ``path``; raises SSHException."""
        self._streamlocal.path = path
        try:
            return self.open_channel(_STREAMLOCAL, timeout=timeout)
        finally:
            self._streamlocal.path = None

    def _send_user_message(self, data: paramiko.Message) -> None:
        path = getattr(self._streamlocal, "path", None)
        if path is not None:
            self._streamlocal.path = None
            data.add_string(path)
            data.add_string("")
            data.add_int(0)
        # On a broken connection this would end the thread of a connection inside it with a traceback; the reading side
        # notices and reports the break.
        with suppress(EOFError):
            super()._send_user_message(data)  # type: ignore[misc]


def close_connection(connection: paramiko.Transport) -> None:
    """Close at once. Safe to call twice."""
    with suppress(OSError, AttributeError):
        # Wakes paramiko's thread, which by itself polls only ten times a second.
        connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
    if connection is not threading.current_thread():
        connection.join(2.0)  # it closes its socket, which may be a channel of a jump host that must still be there


@contextmanager
def open_connection(host: Host, options: ConnectOptions, settings: SshSettings) -> Iterator[SshConnection]:
    """A connection that is logged in, through jump hosts if there are any; closed with them at the end of the block."""
    with ExitStack() as underlying:
        way = _way(host, options, settings, underlying)
        connection = _negotiate(host, way, settings)
        connection.peer = _peer(way)
        try:
            log_in(connection, host, settings)
            if settings.keepalive:
                connection.set_keepalive(settings.keepalive)
            yield connection
        finally:
            close_connection(connection)


def _way(
    host: Host, options: ConnectOptions, settings: SshSettings, underlying: ExitStack
) -> socket.socket | paramiko.Channel:
    """The byte stream to the SSH server: TCP, a command, or a channel of the last jump host."""
    if settings.proxy_jump is not None:
        return _jump(host, settings.proxy_jump.split(","), options, settings, underlying)
    if settings.proxy_command is not None:
        return underlying.enter_context(command_socket(host.name, settings))
    return underlying.enter_context(tcp_socket(host.name, settings))


def _peer(way: socket.socket | paramiko.Channel) -> str:
    if not isinstance(way, socket.socket) or way.family not in (socket.AF_INET, socket.AF_INET6):
        return ""
    with suppress(OSError):  # it broke meanwhile, which the login reports
        return str(way.getpeername()[0])
    return ""


def _jump(
    host: Host, hops: Sequence[str], options: ConnectOptions, settings: SshSettings, underlying: ExitStack
) -> paramiko.Channel:
    *before, last = hops
    hop = _hop(host, last.strip())
    hop_settings = settings_for(hop, options)
    if before:
        hop_settings = replace(hop_settings, proxy_jump=",".join(before), proxy_command=None)
    if hop_settings.beyond:
        needs = ", ".join(hop_settings.beyond)
        raise OnlyOpenSsh(f"the jump host {hop.address} of {host.name} needs the OpenSSH client ({needs})")
    connection = underlying.enter_context(open_connection(hop, options, hop_settings))
    try:
        target = (settings.hostname, settings.port)
        return connection.open_channel("direct-tcpip", target, ("127.0.0.1", 0), timeout=settings.connect_timeout)
    except (paramiko.SSHException, EOFError, OSError) as error:
        why = printable(str(error), 120)
        raise HostUnreachable(f"the jump host {hop.address} does not get through to {host.name}: {why}") from error


def _hop(host: Host, text: str) -> Host:
    """A jump host as ssh reads ``[user@]host[:port]`` or a URI. Of the arguments only ``-F`` goes on to it."""
    rest = text.removeprefix("ssh://").rstrip("/")
    user, at, place = rest.rpartition("@")
    bracketed, colon, port = place.rpartition(":")
    if not colon or (place.count(":") > 1 and not place.startswith("[")) or place.endswith("]"):
        bracketed, port = place, ""
    if port and not port.isdigit():
        raise HostError(f"the jump host {text!r} of {host.name} has an invalid port")
    arguments = list(host.ssh_arguments)
    kept: list[str] = []
    for index, word in enumerate(arguments):
        if word.startswith("-F"):
            kept += [word] if word != "-F" else arguments[index : index + 2]
            break
    return Host(
        name=f"{host.name} via {text}",
        address=bracketed.strip("[]"),
        port=int(port) if port else None,
        user=user if at else None,
        ssh_arguments=tuple(kept),
        # The same key often opens all of them; a password is for the host alone.
        variables={name: host.variables[name] for name in PASSPHRASE if name in host.variables},
    )


def _negotiate(host: Host, way: socket.socket | paramiko.Channel, settings: SshSettings) -> SshConnection:
    """Exchange keys and check the host's; raises HostUnreachable, HostKeyUnknown or HostKeyChanged."""
    began = time.monotonic()
    greeting = _first_words(way, settings.connect_timeout / 5)
    left = settings.connect_timeout - (time.monotonic() - began)
    connection = SshConnection(way)
    connection.set_log_channel(_LOG)
    connection.daemon = True
    connection.banner_timeout = left
    connection.handshake_timeout = settings.connect_timeout
    connection.auth_timeout = settings.connect_timeout
    try:
        _prefer(connection, settings)
        connection.start_client(timeout=left)
        key = connection.get_remote_server_key()
    except paramiko.SSHException as error:
        # paramiko's messages do not distinguish a host that hung up from one that went silent.
        silent = time.monotonic() - began > settings.connect_timeout - 0.3
        close_connection(connection)
        raise _no_session(host, settings, error, greeting, silent=silent) from error
    except (EOFError, OSError) as error:
        close_connection(connection)
        raise HungUp(_hung_up(host, settings)) from error
    try:
        settings.policy.check(host.name, settings.key_name, settings.port, key.get_name(), key.asbytes())
    except BaseException:
        close_connection(connection)
        raise
    return connection


def _first_words(way: socket.socket | paramiko.Channel, seconds: float) -> bytes:
    """The greeting of the other side, left in the stream: paramiko does not report what it could not understand."""
    if not isinstance(way, socket.socket):
        return b""
    try:
        way.settimeout(seconds)
        return way.recv(256, socket.MSG_PEEK)
    except OSError:
        return b""


def _prefer(connection: SshConnection, settings: SshSettings) -> None:
    """Put quick algorithms first, and the kinds of host key that we know of this host before others."""
    security = connection.get_security_options()
    security.ciphers = _first(_CIPHERS, security.ciphers)
    security.kex = _first(_EXCHANGES, security.kex)
    known = settings.policy.known_kinds(settings.key_name, settings.port)
    if "ssh-rsa" in known:
        known = (*known, "rsa-sha2-512", "rsa-sha2-256")
    security.key_types = _first(known, security.key_types)


def _first(wanted: Sequence[str], available: Sequence[str]) -> tuple[str, ...]:
    front = [one for one in wanted if one in available]
    return (*front, *(one for one in available if one not in front))


def _hung_up(host: Host, settings: SshSettings) -> str:
    return (
        f"{host.name} ({settings.hostname} port {settings.port}) accepts the connection and closes it before "
        "the login; does it allow SSH from here (hosts.allow, MaxStartups, a firewall)?"
    )


def _no_session(
    host: Host, settings: SshSettings, error: paramiko.SSHException, greeting: bytes, *, silent: bool
) -> HostError:
    said = str(error)
    where = f"{host.name} ({settings.hostname} port {settings.port})"
    if isinstance(error, paramiko.ssh_exception.IncompatiblePeer):
        return OldCrypto(
            f"{where} supports only cryptography that is disabled today ({printable(said, 120)}); "
            "use --legacy-crypto if it must be reached"
        )
    if greeting and not greeting.startswith(b"SSH-"):
        return HostUnreachable(f"{where} is not an SSH server: it sent {printable(greeting, 60)!r}")
    if silent:
        return HostUnreachable(
            f"{where} accepts the connection and then sends nothing for {settings.connect_timeout:g} s; check its "
            "SSH server, or the firewall in between"
        )
    return HungUp(_hung_up(host, settings))
