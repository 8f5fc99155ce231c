"""Sockets of the host: what listens, what is connected, and the unix sockets by name."""

from __future__ import annotations

import re

from inventory.depth import Depth
from inventory.model.sockets import Connection, Listener, Sockets, UnixSocket
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.procfs.addresses import ByteOrder, decode_address
from inventory.procfs.records import whole_lines
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section, Variant, redact_errors
from inventory.sections.windows.sockets import VARIANT as WINDOWS

NAME = "sockets"

# TIME_WAIT (06) has no process any more, and there may be ten thousands of them. Unix sockets without a name are many
# as well; those with one have something behind the inode.
FRAGMENT = r"""
bf_order() { printf '\001\000' | od -An -v -tu2; }
bf_table() { [ -r /proc/net/$1 ] && grep -v ' 06 ' /proc/net/$1; }
bf_unix() { grep -aE '^(Num |[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ +[0-9]+ .)' /proc/net/unix; }
part order bf_order
for bf_protocol in tcp tcp6 udp udp6 raw raw6; do part $bf_protocol bf_table $bf_protocol; done
part unix bf_unix
"""

_PROTOCOLS = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")
_ROW = re.compile(
    r" *\d+: (?P<local>[0-9A-F]+:[0-9A-F]+) (?P<remote>[0-9A-F]+:[0-9A-F]+) (?P<state>[0-9A-F]{2})"
    r" [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(?P<uid>\d+) +\d+ +(?P<inode>\d+)(?: .*)?"
)
_UNIX = re.compile(
    rb"[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ (?P<flags>[0-9A-F]+) (?P<kind>[0-9A-F]+) [0-9A-F]+ +(?P<inode>\d+) (?P<path>.+)",
    re.DOTALL,
)
_ACCEPTS = 0x10000
_KINDS = {1: "stream", 2: "dgram", 5: "seqpacket"}
_STATES = {
    0x01: "ESTABLISHED",
    0x02: "SYN_SENT",
    0x03: "SYN_RECV",
    0x04: "FIN_WAIT1",
    0x05: "FIN_WAIT2",
    0x06: "TIME_WAIT",
    0x07: "CLOSE",
    0x08: "CLOSE_WAIT",
    0x09: "LAST_ACK",
    0x0A: "LISTEN",
    0x0B: "CLOSING",
    0x0C: "NEW_SYN_RECV",
}
# These rows belong to no process: a connection that is over, and ones that have not come about.
_OWNERLESS = frozenset({"TIME_WAIT", "SYN_RECV", "NEW_SYN_RECV"})


def parse(recording: SectionRecording) -> Observation[Sockets]:
    """Sockets of the network namespace of the probe."""
    order = _byte_order(recording.part("order"))
    tables = [(protocol, recording.part(protocol)) for protocol in _PROTOCOLS]
    if not any(part is not None and part.content for _, part in tables):
        return Unknown("/proc/net could not be read: is /proc mounted?")
    listeners: list[Listener] = []
    connections: list[Connection] = []
    for protocol, part in tables:
        for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
            text = line.decode("ascii", "replace")
            if text.lstrip().startswith("sl "):
                continue
            match = _ROW.fullmatch(text)
            if match is None:
                raise ParseError(f"{protocol}:{number} is not a socket")
            state = _STATES.get(int(match["state"], 16))
            if state is None:
                raise ParseError(f"{protocol}:{number} has the unknown state {match['state']}")
            address, port = decode_address(match["local"], order)
            uid, inode = int(match["uid"]), int(match["inode"])
            origin = Origin(NAME, protocol, number)
            if state == "LISTEN" or (state == "CLOSE" and not protocol.startswith("tcp")):
                listeners.append(Listener(protocol, address, port, uid, inode, origin))
            elif state not in _OWNERLESS:
                remote, remote_port = decode_address(match["remote"], order)
                connections.append(Connection(protocol, address, port, remote, remote_port, state, uid, inode, origin))
    unix = _unix(recording.part("unix"))
    return Found(Sockets(tuple(listeners), tuple(connections), unix))


def _byte_order(part: Part | None) -> ByteOrder:
    answer = part.content.strip() if part is not None else b""
    if answer == b"1":
        return "little"
    if answer == b"256":
        return "big"
    raise ParseError("the byte order of the machine was not told")


def _unix(part: Part | None) -> tuple[UnixSocket, ...]:
    """Named sockets. A name may hold a newline, what follows it is no row of its own."""
    found: list[UnixSocket] = []
    for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
        if line.startswith(b"Num "):
            continue
        match = _UNIX.fullmatch(line)
        if match is None and found:
            continue
        if match is None:
            raise ParseError(f"unix:{number} is not a socket")
        found.append(
            UnixSocket(
                path=match["path"].decode("utf-8", "surrogateescape"),
                kind=_KINDS.get(int(match["kind"], 16), "other"),
                listening=bool(int(match["flags"], 16) & _ACCEPTS),
                inode=int(match["inode"]),
                origin=Origin(NAME, "unix", number),
            )
        )
    return tuple(found)


SECTION: Section[Sockets] = Section(
    NAME,
    "Listening sockets, connections and unix sockets",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=20, cap=16 * 1024 * 1024), WINDOWS),
    redact_errors,
    depth=Depth.QUICK,
)
