"""Interfaces, addresses and routes as the kernel lists them: /sys/class/net, /proc/net, and `ip` where there is one."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping

from inventory.formats.grep_lines import FileLine
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.procfs.socket_addresses import ByteOrder, decode_address
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.network import (
    Address,
    Bond,
    Interface,
    PolicyRule,
    Route,
    StaticNeighbour,
    VirtualServer,
    Vlan,
)
from inventory.observation import Origin
from inventory.recording import Part
from inventory.section import ParseError

Rows = Mapping[str, list[FileLine]]

_HARDWARE = {1: "ethernet", 512: "ppp", 768: "ipip", 769: "ip6tnl", 772: "loopback", 776: "sit", 778: "gre", 823: "gre"}
"""Kinds by number of ARPHRD, see if_arp.h; 65534 is a device without a link layer (tun, WireGuard)."""
_TUNNEL = 65534
_IP_ADDRESS = re.compile(
    r"\d+: (?P<name>\S+) +inet6? (?P<address>[0-9a-fA-F:.]+)(?: peer [0-9a-fA-F:.]+)?(?:/(?P<prefix>\d{1,3}))? "
    r"(?P<rest>.*)"
)
_SCOPES6 = {0x00: "global", 0x10: "host", 0x20: "link", 0x40: "site"}
_TRIE_LEAF = re.compile(r" *\|-- (?P<address>[\d.]+)")
_RULE = re.compile(r"(?P<priority>\d{1,20}):\s*(?P<text>(?:not )?from .*)")
_USUAL_RULES = frozenset({(0, "local"), (32766, "main"), (32767, "default")})
_UP, _GATEWAY, _REJECT, _LOCAL6 = 0x1, 0x2, 0x200, 0x80000000
_PERMANENT_ARP = 0x4


def interfaces(rows: Rows, layers: Part | None, section: str) -> tuple[Interface, ...]:
    """Those of /sys/class/net, by index. ``layers`` lists the interfaces below each and whether it has a device."""
    facts: dict[str, dict[str, str]] = {}
    origins: dict[str, Origin] = {}
    for path, lines in rows.items():
        if not path.startswith("/sys/class/net/") or path.count("/") != 5:
            continue
        _, _, _, _, name, attribute = path.split("/")
        for line in lines:
            origins.setdefault(name, Origin(section, "kernel", line.number))
            key, equals, value = line.text.partition("=")
            if attribute == "uevent" and equals:
                facts.setdefault(name, {})[key] = value
            elif attribute != "uevent":
                facts.setdefault(name, {})[attribute] = line.text
    physical: set[str] = set()
    lower: dict[str, list[str]] = {}
    for word in (layers.content.decode("utf-8", "surrogateescape") if layers else "").split():
        pieces = word.split("/")
        if len(pieces) == 6 and pieces[5] == "device":
            physical.add(pieces[4])
        elif len(pieces) == 6 and pieces[5].startswith("lower_"):
            lower.setdefault(pieces[4], []).append(pieces[5].removeprefix("lower_"))
        elif len(pieces) == 7 and pieces[5] == "brif":
            lower.setdefault(pieces[4], []).append(pieces[6])
    found: list[Interface] = []
    for name, known in facts.items():
        with skip_row:
            found.append(
                Interface(
                    name=name,
                    index=_number(known.get("ifindex", "0")),
                    mac=known.get("address", ""),
                    mtu=_number(known.get("mtu", "0")),
                    state=known.get("operstate", "unknown"),
                    flags=_number(known.get("flags", "0"), 16),
                    kind=_kind(known, physical=name in physical),
                    physical=name in physical,
                    lower=tuple(dict.fromkeys(lower.get(name, ()))),
                    origin=origins[name],
                )
            )
    return tuple(sorted(found, key=lambda interface: (interface.index, interface.name)))


def _kind(facts: Mapping[str, str], *, physical: bool) -> str:
    if "DEVTYPE" in facts:
        return facts["DEVTYPE"]
    if "tun_flags" in facts:
        return "tun"
    hardware = _number(facts.get("type", "0"))
    kind = _HARDWARE.get(hardware, "tunnel" if hardware == _TUNNEL else "other")
    return "virtual" if kind == "ethernet" and not physical else kind


def _number(text: str, base: int = 10) -> int:
    try:
        return int(text, base)
    except ValueError:
        raise ParseError(f"{text[:40]!r} is not a number of an interface") from None


def addresses_of_ip(part: Part, section: str) -> tuple[Address, ...]:
    """``ip -o addr show``. Old versions print the links as well; those lines are passed over."""
    found: list[Address] = []
    for number, line in enumerate(whole_lines(part), 1):
        match = _IP_ADDRESS.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            continue
        words = match["rest"].split("\\", 1)[0].split()
        scope = words[words.index("scope") + 1] if "scope" in words[:-1] else "global"
        six = ":" in match["address"]
        with skip_row:
            found.append(
                Address(
                    interface=match["name"].split("@")[0].rstrip(":"),
                    address=_ip(match["address"]),
                    prefix=int(match["prefix"]) if match["prefix"] else (128 if six else 32),
                    scope=scope,
                    label="" if six or not words else words[-1],
                    secondary="secondary" in words,
                    dynamic="dynamic" in words,
                    origin=Origin(section, part.name, number),
                )
            )
    return tuple(found)


def _ip(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ParseError(f"{text[:48]!r} is not an address") from None


def addresses_of_tables(rows: Rows, section: str) -> tuple[Address, ...]:
    """/proc/net/fib_trie, where a local address is a separate leaf, and if_inet6."""
    found: dict[str, Address] = {}
    leaf = ""
    for row in rows.get("/proc/net/fib_trie", ()):
        if match := _TRIE_LEAF.fullmatch(row.text):
            leaf = match["address"]
        elif leaf and row.text.split()[:3] == ["/32", "host", "LOCAL"] and leaf not in found:
            scope = "host" if leaf.startswith("127.") else "global"
            origin = Origin(section, "kernel", row.number)
            with skip_row:
                found[leaf] = Address("", _ip(leaf), None, scope, "", False, False, origin)
    return (*found.values(), *_addresses6(rows.get("/proc/net/if_inet6", ()), section))


def _addresses6(rows: Iterable[FileLine], section: str) -> Iterable[Address]:
    for row in rows:
        fields = row.text.split()
        try:
            address = str(ipaddress.IPv6Address(bytes.fromhex(fields[0])))
            prefix, scope, flags = (int(field, 16) for field in fields[2:5])
            name = fields[5]
        except (ValueError, IndexError):
            unreadable_row(f"line {row.line} of if_inet6 is not an address")
            continue
        origin = Origin(section, "kernel", row.number)
        yield Address(
            name, address, prefix, _SCOPES6.get(scope & 0xF0, "global"), "", bool(flags & 1), not flags & 0x80, origin
        )


def routes(rows: Rows, section: str, order: ByteOrder) -> tuple[Route, ...]:
    """The main tables of IPv4 and IPv6; of the latter not those to the host itself and to groups.

    A route that rejects (blackhole, unreachable, prohibit) leads nowhere: it has no interface, or a flag.
    """
    found: list[Route] = []
    for row in rows.get("/proc/net/route", ()):
        fields = row.text.split()
        if fields[:2] == ["Iface", "Destination"]:
            continue
        try:
            flags, metric = int(fields[3], 16), int(fields[6])
            destination, gateway, mask = (decode_address(f"{fields[at]}:0", order)[0] for at in (1, 2, 7))
            network = str(ipaddress.IPv4Network((destination, mask), strict=False))
        except (ValueError, IndexError):
            unreadable_row(f"line {row.line} of /proc/net/route is not a route")
            continue
        if flags & _UP and not flags & _REJECT and fields[0] != "*":
            origin = Origin(section, "kernel", row.number)
            found.append(Route(network, gateway if flags & _GATEWAY else "", fields[0], metric, origin))
    for row in rows.get("/proc/net/ipv6_route", ()):
        fields = row.text.split()
        try:
            address, hop = (ipaddress.IPv6Address(bytes.fromhex(fields[at])) for at in (0, 4))
            length, metric, flags = (int(fields[at], 16) for at in (1, 5, 8))
            network = str(ipaddress.IPv6Network((address, length), strict=False))
            name = fields[9]
        except (ValueError, IndexError):
            unreadable_row(f"line {row.line} of /proc/net/ipv6_route is not a route")
            continue
        if flags & _UP and not flags & (_LOCAL6 | _REJECT) and not address.is_multicast and name != "lo":
            gateway = str(hop) if flags & _GATEWAY else ""
            found.append(Route(network, gateway, name, metric, Origin(section, "kernel", row.number)))
    return tuple(found)


def policy_rules(part: Part | None, section: str) -> tuple[PolicyRule, ...]:
    """``ip rule show``, without the rules that every host has. Addresses may precede them and are skipped."""
    found: list[PolicyRule] = []
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        text = line.decode("utf-8", "surrogateescape")
        match = _RULE.fullmatch(text)
        if match is None or part is None or _IP_ADDRESS.fullmatch(text):
            continue
        text = match["text"].strip()
        usual = (int(match["priority"]), text.removeprefix("from all lookup ").strip()) in _USUAL_RULES
        if not usual:
            found.append(PolicyRule(int(match["priority"]), text, Origin(section, part.name, number)))
    return tuple(found)


def bonds(rows: Rows, section: str) -> tuple[Bond, ...]:
    """/proc/net/bonding, see bonding.rst of the kernel."""
    found: list[Bond] = []
    for path, lines in rows.items():
        if not path.startswith("/proc/net/bonding/"):
            continue
        mode, active, members = "", "", []
        for line in lines:
            key, _, value = (piece.strip() for piece in line.text.partition(":"))
            if key == "Bonding Mode":
                inner = re.search(r"\(([\w.-]+)\)", value)
                mode = inner[1] if inner else {"load balancing (round-robin)": "balance-rr"}.get(value, value)
                mode = mode.replace("round-robin", "balance-rr").replace("xor", "balance-xor")
                if value.startswith("IEEE 802.3ad"):
                    mode = "802.3ad"
            elif key == "Currently Active Slave":
                active = "" if value == "None" else value
            elif key == "Slave Interface":
                members.append(value)
        origin = Origin(section, "kernel", lines[0].number)
        found.append(Bond(path.rsplit("/", 1)[1], mode, tuple(members), active, origin))
    return tuple(found)


def vlans(rows: Rows, section: str) -> tuple[Vlan, ...]:
    """/proc/net/vlan/config, two lines of heading before the rows."""
    found: list[Vlan] = []
    for row in rows.get("/proc/net/vlan/config", ()):
        fields = [field.strip() for field in row.text.split("|")]
        if len(fields) == 3 and fields[1].isascii() and fields[1].isdigit():
            found.append(Vlan(fields[0], int(fields[1]), fields[2], Origin(section, "kernel", row.number)))
    return tuple(found)


def neighbours(rows: Rows, section: str) -> tuple[StaticNeighbour, ...]:
    """The permanent ones of /proc/net/arp."""
    found: list[StaticNeighbour] = []
    for row in rows.get("/proc/net/arp", ()):
        fields = row.text.split()
        with skip_row:
            if len(fields) == 6 and fields[2].startswith("0x") and _number(fields[2], 16) & _PERMANENT_ARP:
                origin = Origin(section, "kernel", row.number)
                found.append(StaticNeighbour(fields[0], fields[3], fields[5], origin))
    return tuple(found)


def virtual_servers(rows: Rows, section: str) -> tuple[VirtualServer, ...]:
    """/proc/net/ip_vs: a service, then its servers, each behind an arrow."""
    found: list[VirtualServer] = []
    for row in rows.get("/proc/net/ip_vs", ()):
        fields = row.text.split()
        with skip_row:
            if len(fields) >= 3 and fields[0] in ("TCP", "UDP", "SCTP"):
                origin = Origin(section, "kernel", row.number)
                found.append(VirtualServer(fields[0].lower(), _ipvs_address(fields[1]), fields[2], (), origin))
            elif len(fields) >= 3 and fields[0] == "FWM":
                origin = Origin(section, "kernel", row.number)
                found.append(VirtualServer("mark", str(_number(fields[1], 16)), fields[2], (), origin))
            elif len(fields) >= 3 and fields[0] == "->" and found and fields[1] != "RemoteAddress:Port":
                last = found[-1]
                servers = (*last.servers, _ipvs_address(fields[1]))
                found[-1] = VirtualServer(last.protocol, last.service, last.scheduler, servers, last.origin)
    return tuple(found)


def _ipvs_address(text: str) -> str:
    """``0A4D0001:0050`` or ``[2001:…]:0050`` with the port in hexadecimal, in network order on every machine."""
    host, _, port = text.rpartition(":")
    if re.fullmatch(r"[0-9A-F]{8}", host):
        host = str(ipaddress.IPv4Address(int(host, 16)))
    return f"{host}:{_number(port, 16)}"
