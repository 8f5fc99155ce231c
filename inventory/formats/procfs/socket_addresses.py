"""Socket addresses as /proc/net prints them.

The kernel prints each 32-bit word of an address, which is in network order, as if it were a number of the machine, so
that a little-endian machine shows its bytes turned around. Ports are printed as numbers.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

from inventory.section import ParseError

ByteOrder = Literal["little", "big"]

_ADDRESS = re.compile(r"(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{32}):[0-9A-Fa-f]{1,4}")


def decode_address(text: str, order: ByteOrder) -> tuple[str, int]:
    """``0100007F:0016`` to ``("127.0.0.1", 22)``; addresses of 8 or 32 digits. Raises ParseError.

    An IPv4 address in IPv6 clothes is written ``::ffff:192.0.2.1``.
    """
    # Not by fromhex and int alone: the one takes blanks between digits, the other signs and underscores.
    if not _ADDRESS.fullmatch(text):
        raise ParseError(f"{text[:48]!r} is not a socket address")
    digits, _, port = text.partition(":")
    raw, number = bytes.fromhex(digits), int(port, 16)
    if order == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    if len(raw) == 4:
        return str(ipaddress.IPv4Address(raw)), number
    address = ipaddress.IPv6Address(raw)
    if address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}", number
    return str(address), number
