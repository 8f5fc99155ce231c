"""Sockets that the manager of a service opens, for the supervisor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from containerize.start.managed_start import ManagedSocket
from containerize.supervisor.service_spec import PassedSocket, SocketProtocol, SocketStyle

_UNIX: Mapping[str, SocketProtocol] = {
    "stream": "unix-stream",
    "datagram": "unix-dgram",
    "seqpacket": "unix-seqpacket",
}
_INTERNET: Mapping[str, SocketProtocol] = {"stream": "tcp", "datagram": "udp"}


def passed_sockets(
    sockets: Sequence[ManagedSocket], users: Mapping[str, int], groups: Mapping[str, int]
) -> tuple[tuple[PassedSocket, ...], SocketStyle, Sequence[str]]:
    """(sockets, the one style in which they are passed, notes on those that cannot be)."""
    style: SocketStyle = sockets[0].style if sockets else "listen-fds"
    found: list[PassedSocket] = []
    notes: list[str] = []
    for each in sockets:
        passed = _passed(each, users, groups)
        if passed is None or each.style != style:
            notes.append(f"its manager also passes it the socket {each.address}, which the supervisor cannot")
        else:
            found.append(passed)
    return tuple(found), style, notes


def _passed(socket: ManagedSocket, users: Mapping[str, int], groups: Mapping[str, int]) -> PassedSocket | None:
    address = socket.address.strip()
    if address.startswith(("/", "@")):
        uid, gid = _number(socket.user, users), _number(socket.group, groups)
        path = f"/run/{address.removeprefix('/var/run/')}" if address.startswith("/var/run/") else address
        return PassedSocket(
            _UNIX[socket.protocol], path=path, mode=socket.mode, uid=uid, gid=gid, name=_word(socket.name)
        )
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "::"
    protocol = _INTERNET.get(socket.protocol)
    if protocol is None or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return None
    if not all(char in "0123456789abcdefABCDEF:." for char in host):
        return None
    only = socket.ipv6_only and ":" in host
    return PassedSocket(protocol, host, int(port), name=_word(socket.name), ipv6_only=only)


def _number(name: str, known: Mapping[str, int]) -> int:
    return int(name) if name.isascii() and name.isdigit() and len(name) < 11 else known.get(name, 0)


def _word(name: str) -> str:
    """A name for LISTEN_FDNAMES, which has colons between them."""
    return "".join(char for char in name if char.isascii() and char.isprintable() and char not in ": ")[:255]
