"""The tables of sockets in /proc/net that are not of TCP, UDP or unix sockets, see proc(5) and net/*/ of the kernel.

They come as ``grep -aH ''`` prints them. Columns were added over the years at the end of a row, so rows may be longer
than what is read here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from inventory.formats.grep_lines import FileLine
from inventory.formats.procfs.socket_addresses import ByteOrder, decode_address
from inventory.formats.unreadable_rows import skip_row
from inventory.model.sockets import (
    MulticastMembership,
    NetlinkSocket,
    PacketSocket,
    ProtocolUse,
    SctpEndpoint,
)
from inventory.observation import Origin
from inventory.section import ParseError

_PACKET = re.compile(
    r"[0-9a-fA-F]+ +\d+ +(?P<kind>\d{1,20}) +(?P<protocol>[0-9a-f]{4}) +(?P<interface>-?\d{1,20}) +\d+ +\d+ +"
    r"(?P<uid>\d{1,20}) +(?P<inode>\d{1,20}) *"
)
_NETLINK = re.compile(
    r"[0-9a-fA-F]+ +(?P<protocol>\d{1,20}) +(?P<port>-?\d{1,20}) +(?P<groups>[0-9a-f]{8}) +-?\d+ +-?\d+ +\S+ +\d+"
    r"(?: +\d+ +(?P<inode>\d{1,20}))?(?: .*)?"
)
_SCTP_ENDPOINT = re.compile(
    r" *[0-9a-fA-Fx()pKnul]+ +[0-9a-fA-Fx()pKnul]+ +\d+ +(?P<state>\d{1,20}) +\d+ +(?P<port>\d{1,20}) +"
    r"(?P<uid>\d{1,20}) +(?P<inode>\d{1,20}) (?P<addresses>.*)"
)
_SCTP_ASSOCIATION = re.compile(
    r" *[0-9a-fA-Fx()pKnul]+ +[0-9a-fA-Fx()pKnul]+ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +\d+ +(?P<uid>\d{1,20}) +"
    r"(?P<inode>\d{1,20}) +(?P<port>\d{1,20}) +(?P<remote_port>\d{1,20}) (?P<addresses>.*?) <-> (?P<remote>.*)",
    re.DOTALL,
)
_IGMP_DEVICE = re.compile(r"\d+\t(?P<name>[^\s:]*) *: +\d+ .*")
_IGMP_GROUP = re.compile(r"\t+(?P<group>[0-9A-F]{8}) +(?P<users>\d{1,20}) .*")
_IGMP6 = re.compile(r"\d+ +(?P<name>\S+) +(?P<group>[0-9a-f]{32}) +(?P<users>\d{1,20}) .*")
_PROTOCOL = re.compile(r"(?P<name>\S+(?: [^\d\s]\S*)*) +\d+ +(?P<sockets>-?\d{1,20}) +-?\d+ +\S+ .*")
_LISTENING = "10"
_SOCK_RAW = "3"


def packet_sockets(rows: Iterable[FileLine], section: str, part: str) -> tuple[PacketSocket, ...]:
    """/proc/net/packet."""
    found: list[PacketSocket] = []
    for row in rows:
        if row.text.startswith("sk "):
            continue
        with skip_row:
            match = _matched(_PACKET, row)
            found.append(
                PacketSocket(
                    kind="raw" if match["kind"] == _SOCK_RAW else "dgram",
                    ethernet_protocol=int(match["protocol"], 16),
                    interface=max(int(match["interface"]), 0),
                    uid=int(match["uid"]),
                    inode=int(match["inode"]),
                    origin=Origin(section, part, row.number),
                )
            )
    return tuple(found)


def netlink_sockets(rows: Iterable[FileLine], section: str, part: str) -> tuple[NetlinkSocket, ...]:
    """/proc/net/netlink without the kernel's own ends, which have port 0."""
    found: list[NetlinkSocket] = []
    for row in rows:
        if row.text.startswith("sk "):
            continue
        with skip_row:
            match = _matched(_NETLINK, row)
            # Before 2.6.39 the port is printed signed: the kernel gives numbers below zero when the PID is taken.
            port = int(match["port"]) & 0xFFFFFFFF
            if port:
                inode = int(match["inode"] or 0)
                groups = int(match["groups"], 16)
                origin = Origin(section, part, row.number)
                found.append(NetlinkSocket(int(match["protocol"]), port, groups, inode, origin))
    return tuple(found)


def sctp_endpoints(rows: Iterable[FileLine], section: str, part: str) -> tuple[SctpEndpoint, ...]:
    """/proc/net/sctp/eps and assocs. The primary address of an association has a star."""
    found: list[SctpEndpoint] = []
    for row in rows:
        association = row.path.endswith("assocs")
        if not row.text.strip() or row.text.split()[0] in ("ENDPT", "ASSOC"):
            continue
        with skip_row:
            match = _matched(_SCTP_ASSOCIATION if association else _SCTP_ENDPOINT, row)
            remote = match["remote"] if association else ""
            found.append(
                SctpEndpoint(
                    addresses=_addresses(match["addresses"]),
                    port=int(match["port"]),
                    remote_addresses=_addresses(remote),
                    remote_port=int(match["remote_port"]) if association else 0,
                    listening=not association and match["state"] == _LISTENING,
                    uid=int(match["uid"]),
                    inode=int(match["inode"]),
                    origin=Origin(section, part, row.number),
                )
            )
    return tuple(found)


def _addresses(text: str) -> tuple[str, ...]:
    """The addresses at the beginning of ``text``; counters may follow them."""
    found: list[str] = []
    for word in text.split():
        try:
            found.append(str(ipaddress.ip_address(word.lstrip("*"))))
        except ValueError:
            break
    return tuple(found)


def multicast_memberships(
    rows: Iterable[FileLine], section: str, part: str, order: ByteOrder
) -> tuple[MulticastMembership, ...]:
    """/proc/net/igmp, where groups are below their interface, and igmp6."""
    found: list[MulticastMembership] = []
    interface = ""
    for row in rows:
        with skip_row:
            origin = Origin(section, part, row.number)
            if row.path.endswith("igmp6"):
                match = _matched(_IGMP6, row)
                group = str(ipaddress.IPv6Address(bytes.fromhex(match["group"])))
                found.append(MulticastMembership(match["name"], group, int(match["users"]), origin))
            elif device := _IGMP_DEVICE.fullmatch(row.text):
                interface = device["name"]
            elif not row.text.startswith("Idx"):
                match = _matched(_IGMP_GROUP, row)
                group, _ = decode_address(match["group"] + ":0", order)
                found.append(MulticastMembership(interface, group, int(match["users"]), origin))
    return tuple(found)


def protocols_in_use(rows: Iterable[FileLine], section: str, part: str) -> tuple[ProtocolUse, ...]:
    """/proc/net/protocols: those with sockets. Kernels from 6.16 on no longer count them all."""
    found: list[ProtocolUse] = []
    for row in rows:
        if row.text.startswith("protocol "):
            continue
        with skip_row:
            match = _matched(_PROTOCOL, row)
            if int(match["sockets"]) > 0:
                found.append(ProtocolUse(match["name"], int(match["sockets"]), Origin(section, part, row.number)))
    return tuple(found)


def _matched(pattern: re.Pattern[str], row: FileLine) -> re.Match[str]:
    match = pattern.fullmatch(row.text)
    if match is None:
        raise ParseError(f"line {row.line} of {row.path} is not understood")
    return match
