"""IP addresses in facts and in lines of text."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache

# Dots, digits, letters or hyphens next to it make a dotted number something else: a version (1.2.3.4-5, 1.2.3.4.5), an
# OID or a file name.
_IPV4 = re.compile(r"(?<![\w.\-])(?:\d{1,3}\.){3}\d{1,3}(?![\w\-]|\.\w)(?P<prefix>/\d{1,2}(?!\d))?")
# An OID of four numbers in a schema of LDAP: ( 2.5.4.4 NAME 'sn' … (RFC 4512, 4.1).
_DEFINES = re.compile(r"\s{1,9}(?:NAME|DESC|OBSOLETE|SUP|EQUALITY|SYNTAX)\s")
_IPV6 = re.compile(r"(?<![\w:.])\[?(?P<address>[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])")


def plain_address(address: str) -> str:
    """The address without zone, and as IPv4 where it is only mapped into IPv6."""
    address = address.partition("%")[0]
    return address[7:] if address.lower().startswith("::ffff:") and "." in address else address


@lru_cache(maxsize=4096)
def parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that ``text`` is, or None."""
    try:
        return ipaddress.ip_address(plain_address(text))
    except ValueError:
        return None


def endpoint(address: str, port: int | str) -> str:
    """``0.0.0.0:80``, ``[::]:80``."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def is_address(text: str) -> bool:
    """Whether ``text`` is an IP address, not a name."""
    return parse_address(text) is not None


def is_local_address(text: str) -> bool:
    """Whether the address means "this host" wherever it is read: loopback, any, link-local."""
    address = parse_address(text)
    return address is not None and (address.is_loopback or address.is_unspecified or address.is_link_local)


def addresses_in(text: str) -> Iterator[str]:
    """Addresses of single hosts that a line of text names, in order.

    Left out are loopback, any and link-local addresses, multicast, broadcast, netmasks and networks
    (``10.0.0.0/8``): they tie the line to no machine.
    """
    # Most lines name no address: they have too few dots and colons.
    for match in _IPV4.finditer(text) if text.count(".") > 2 else ():
        if match["prefix"] not in (None, "/32") or _DEFINES.match(text, match.end()):
            continue
        if _names_a_host(address := match[0].partition("/")[0]):
            yield address
    for match in _IPV6.finditer(text) if text.count(":") > 1 else ():
        address = match["address"]
        # Times (12:30:59) and MAC addresses have colons too; an address has a double colon or all eight groups.
        if ("::" in address or address.count(":") == 7) and _names_a_host(address):
            yield address


def _names_a_host(text: str) -> bool:
    address = parse_address(text)
    if address is None or address.is_loopback or address.is_unspecified or address.is_link_local:
        return False
    if address.is_multicast:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        number = int(address)
        # 0.x is "this network", 240 and above reserved, broadcast and masks; a zero at the end is a network.
        return 0x01000000 <= number < 0xE0000000 and number & 0xFF not in (0, 255)
    # Global and local unicast (2000::/3, fc00::/7); the rest is not given to hosts, and `b::c` is C++.
    return int(address) >> 125 == 1 or int(address) >> 121 == 0b1111110
