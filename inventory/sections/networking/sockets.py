"""Sockets of every kind: listeners, connections, unix sockets by name and by their other end.

No file of /proc shows the other end of a unix socket; `ss` asks the kernel for it through sock_diag(7).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from inventory.depth import Depth
from inventory.formats.grep_lines import FileLine, file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.procfs.socket_addresses import ByteOrder, decode_address
from inventory.formats.procfs.socket_tables import (
    multicast_memberships,
    netlink_sockets,
    packet_sockets,
    protocols_in_use,
    sctp_endpoints,
)
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.sockets import Connection, Listener, Sockets, UnixPeer, UnixSocket
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section, Variant, redact_errors
from inventory.sections.windows.sockets import VARIANT as WINDOWS

NAME = "sockets"

# TIME_WAIT (06) has no process any more, and there may be ten thousands of them. Unix sockets without a name are many
# as well; those with one have something behind the inode.
FILES = r"""
drop '^ *[0-9]+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ 06 '
drop '^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ [0-9A-F]+ +[0-9]+$'
bf_others='/proc/net/packet|/proc/net/netlink|/proc/net/igmp*|/proc/net/protocols'
want "@tcp,@tcp6,@udp,@udp6,@raw,@raw6,@unix,others=$bf_others" /proc/net/tcp /proc/net/tcp6 /proc/net/udp \
  /proc/net/udp6 /proc/net/raw /proc/net/raw6 /proc/net/unix /proc/net/packet /proc/net/netlink /proc/net/igmp \
  /proc/net/igmp6 /proc/net/protocols /proc/net/udplite /proc/net/udplite6 /proc/net/sctp/eps /proc/net/sctp/assocs
"""
FRAGMENT = r"""
part order bf_order
bf_may_diagnose() {
  [ -d /sys/module/unix_diag ] || [ ! -e /proc/modules ] || {
    read -r bf_release </proc/sys/kernel/osrelease
    bf_built="/lib/modules/$bf_release/modules.builtin"
    [ -r "$bf_built" ] && grep -q '/unix_diag\.ko' "$bf_built"
  }
}
if [ "$BF_DEPTH" != quick ] && type ss >/dev/null 2>&1 && bf_may_diagnose; then part unix-peers ss -x -n; fi
"""

_PROTOCOLS = ("tcp", "tcp6", "udp", "udp6", "raw", "raw6")
_UDP_LITE = ("udplite", "udplite6")
_ROW = re.compile(
    r" *\d+: (?P<local>[0-9A-F]+:[0-9A-F]+) (?P<remote>[0-9A-F]+:[0-9A-F]+) (?P<state>[0-9A-F]{2})"
    r" [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ [0-9A-F]+ +(?P<uid>\d{1,20}) +\d+ +(?P<inode>\d{1,20})(?: .*)?"
)
_UNIX = re.compile(
    rb"[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ (?P<flags>[0-9A-F]+) (?P<kind>[0-9A-F]+) [0-9A-F]+ +"
    rb"(?P<inode>\d{1,20}) (?P<path>.+)",
    re.DOTALL,
)
_PEER = re.compile(
    rb"u_(?P<kind>str|dgr|seq) +\S+ +\d+ +\d+ (?P<path>.*) (?P<inode>\d{1,20}) +\S+ +(?P<peer>\d{1,20}) *", re.DOTALL
)
_PEER_KINDS = {b"str": "stream", b"dgr": "dgram", b"seq": "seqpacket"}
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
    if not any((part := recording.part(protocol)) is not None and part.content for protocol in _PROTOCOLS):
        return Unknown("/proc/net could not be read: is /proc mounted?")
    others = _other_tables(recording.part("others"))
    listeners: list[Listener] = []
    connections: list[Connection] = []
    for protocol, text, origin in _rows(recording, others):
        match = _ROW.fullmatch(text)
        if match is None:
            unreadable_row(f"{origin.part}:{origin.line} is not a socket")
            continue
        state = _STATES.get(int(match["state"], 16))
        if state is None:
            unreadable_row(f"{origin.part}:{origin.line} has the unknown state {match['state']}")
            continue
        with skip_row:
            address, port = decode_address(match["local"], order)
            uid, inode = int(match["uid"]), int(match["inode"])
            if state == "LISTEN" or (state == "CLOSE" and not protocol.startswith("tcp")):
                listeners.append(Listener(protocol, address, port, uid, inode, origin))
            elif state not in _OWNERLESS:
                remote, remote_port = decode_address(match["remote"], order)
                connections.append(Connection(protocol, address, port, remote, remote_port, state, uid, inode, origin))
    unix = _unix(recording.part("unix"))
    sockets = Sockets(tuple(listeners), tuple(connections), unix, _peers(recording.part("unix-peers")))
    if others is None:
        gap = Gap("packet and netlink sockets, SCTP and multicast groups", "the host was not asked for them")
        return Found(sockets, (gap,))
    return Found(_with_others(sockets, others, order))


def _rows(
    recording: SectionRecording, others: Mapping[str, list[FileLine]] | None
) -> Iterator[tuple[str, str, Origin]]:
    """The protocol, text and origin of each row of the tables of addresses, without their headings."""
    for protocol in _PROTOCOLS:
        part = recording.part(protocol)
        for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
            text = line.decode("ascii", "replace")
            if not text.lstrip().startswith("sl "):
                yield protocol, text, Origin(NAME, protocol, number)
    for protocol in _UDP_LITE:
        for row in (others or {}).get(protocol, ()):
            if not row.text.lstrip().startswith("sl "):
                yield protocol, row.text, Origin(NAME, "others", row.number)


def _other_tables(part: Part | None) -> Mapping[str, list[FileLine]] | None:
    """The rows of each table beneath /proc/net; None when a recording is older than this question."""
    if part is None:
        return None
    tables: dict[str, list[FileLine]] = {}
    for row in file_lines(part):
        tables.setdefault(row.path.removeprefix("/proc/net/"), []).append(row)
    return tables


def _with_others(sockets: Sockets, tables: Mapping[str, list[FileLine]], order: ByteOrder) -> Sockets:
    where = (NAME, "others")
    return replace(
        sockets,
        packet=packet_sockets(tables.get("packet", ()), *where),
        netlink=netlink_sockets(tables.get("netlink", ()), *where),
        sctp=sctp_endpoints([*tables.get("sctp/eps", ()), *tables.get("sctp/assocs", ())], *where),
        multicast=multicast_memberships([*tables.get("igmp", ()), *tables.get("igmp6", ())], *where, order),
        protocols=protocols_in_use(tables.get("protocols", ()), *where),
    )


def _peers(part: Part | None) -> tuple[UnixPeer, ...] | None:
    """Both ends of each connected unix socket; None when `ss` could not report them.

    A name with a newline in it can add a line, but not replace one: an inode that is listed twice is not believed.
    """
    lines = whole_lines(part) if part is not None else []
    if part is None or part.status != 0 or not lines:
        return None
    found: dict[int, list[UnixPeer]] = {}
    for number, line in enumerate(lines, 1):
        match = _PEER.fullmatch(line)
        if match is None or match["peer"] == b"0":
            continue
        path = match["path"].strip(b" ").decode("utf-8", "surrogateescape")
        path, inode = "" if path == "*" else path, int(match["inode"])
        peer = UnixPeer(path, _PEER_KINDS[match["kind"]], inode, int(match["peer"]), Origin(NAME, part.name, number))
        found.setdefault(inode, []).append(peer)
    return tuple(peers[0] for peers in found.values() if len(peers) == 1)


def _byte_order(part: Part | None) -> ByteOrder:
    words = part.content.split() if part is not None else []
    if b"1" in words or b"256" in words:
        return "little" if b"1" in words else "big"
    raise ParseError("the byte order of the machine is not known")


def _unix(part: Part | None) -> tuple[UnixSocket, ...]:
    """Named sockets. A name may hold a newline, the text after it is not a separate row."""
    found: list[UnixSocket] = []
    for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
        if line.startswith(b"Num "):
            continue
        match = _UNIX.fullmatch(line)
        if match is None and found:
            continue
        if match is None:
            unreadable_row(f"unix:{number} is not a socket")
            continue
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
    "Listening sockets, connections, unix sockets with both ends, packet and netlink sockets, multicast groups",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=20, cap=16 * 1024 * 1024, files=FILES), WINDOWS),
    redact_errors,
    depth=Depth.QUICK,
)
