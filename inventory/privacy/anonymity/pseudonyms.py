"""Pseudonyms: the same replacement for the same name, within one bundle."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections import Counter


class Pseudonyms:
    """Stand-ins by kind, numbered in the order of their first use. ``key`` makes those that are random digits."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._known: dict[tuple[str, str], str] = {}
        self._numbers: Counter[str] = Counter()
        self._digits: dict[bytes, bytes] = {}
        self.counts: Counter[str] = Counter()

    def of(self, kind: str, name: str, form: str = "{kind}{number}") -> str:
        """The pseudonym of ``name``."""
        if (kind, name) not in self._known:
            self._numbers[kind] += 1
            self.counts[kind] += 1
            self._known[kind, name] = form.format(kind=kind, number=self._numbers[kind])
        return self._known[kind, name]

    def hexadecimal(self, digits: str) -> str:
        """The same number of digits. Not numbered: hashes and identities of machines are many."""
        made = hmac.new(self._key, digits.lower().encode(), hashlib.sha512).hexdigest()[: len(digits)]
        return made.upper() if digits.isupper() else made

    def ipv4(self, address: ipaddress.IPv4Address) -> ipaddress.IPv4Address:
        """Hosts of one /24 stay together in one, and keep their last number: netmasks and routes keep their sense."""
        if _says_nothing(address) or _is_mask(int(address)):
            return address
        network, host = divmod(int(address), 256)
        self.of("address", str(address))
        number = int(self.of("network", str(network), "{number}"))
        return ipaddress.IPv4Address((10 << 24) + (number % 65536 << 8) + host)

    def ipv6(self, address: ipaddress.IPv6Address) -> ipaddress.IPv6Address:
        """Hosts of one /64 stay together; the second half, which often is the number of a card, is made up."""
        if address.ipv4_mapped is not None:
            return ipaddress.IPv6Address((0xFFFF << 32) + int(self.ipv4(address.ipv4_mapped)))
        if _says_nothing(address):
            return address
        self.of("address", str(address))
        prefix, host = divmod(int(address), 1 << 64)
        if not address.is_link_local:
            prefix = (0x20010DB8 << 32) + int(self.of("network6", str(prefix), "{number}"))
        made = int.from_bytes(hmac.new(self._key, host.to_bytes(8, "big"), hashlib.sha256).digest()[:8], "big")
        return ipaddress.IPv6Address((prefix << 64) + (made if host > 0xFFFF else host))

    def mac(self, digits: str) -> str:
        """A locally administered address."""
        plain = digits.replace(digits[2], "")
        if set(plain) <= {"0"} or set(plain.lower()) <= {"f"}:
            return digits
        self.of("card", plain.lower())
        made = "02" + self.hexadecimal(plain)[:10]
        return digits[2].join(made[at : at + 2] for at in range(0, 12, 2))


def _says_nothing(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Loopback, multicast, "any": the same on every machine."""
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_loopback or address.is_multicast or int(address) >> 24 in (0, 255)
    return address.is_loopback or address.is_multicast or int(address) >> 16 == 0


def _is_mask(number: int) -> bool:
    inverted = ~number & 0xFFFFFFFF
    return number >> 24 == 255 and inverted & (inverted + 1) == 0
