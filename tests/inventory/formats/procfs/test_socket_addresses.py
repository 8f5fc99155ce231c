"""Addresses of /proc/net, on machines of both byte orders."""

from __future__ import annotations

import ipaddress
import re
import struct
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.procfs.socket_addresses import decode_address
from inventory.section import ParseError

ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")


def printed(raw: bytes, port: int, order: Literal["little", "big"]) -> str:
    """What the kernel prints: each word of the address in network order, read as a number of the machine."""
    kind = "<" if order == "little" else ">"
    words = struct.unpack(f"{kind}{len(raw) // 4}I", raw)
    return "".join(f"{word:08X}" for word in words) + f":{port:04X}"


@given(st.ip_addresses(v=4), st.integers(0, 65535), st.sampled_from(ORDERS))
def test_ipv4_comes_back(address: ipaddress.IPv4Address, port: int, order: Literal["little", "big"]) -> None:
    assert decode_address(printed(address.packed, port, order), order) == (str(address), port)


@given(st.ip_addresses(v=6), st.integers(0, 65535), st.sampled_from(ORDERS))
def test_ipv6_comes_back(address: ipaddress.IPv6Address, port: int, order: Literal["little", "big"]) -> None:
    text, back = decode_address(printed(address.packed, port, order), order)
    assert (ipaddress.IPv6Address(text), back) == (address, port)


@given(st.ip_addresses(v=4))
def test_ipv4_within_ipv6_is_written_with_dots(address: ipaddress.IPv4Address) -> None:
    """On every version of Python; Snapshot's notion of loopback relies on it."""
    raw = bytes(10) + b"\xff\xff" + address.packed
    assert decode_address(printed(raw, 80, "little"), "little") == (f"::ffff:{address}", 80)


def test_the_kernel_agrees() -> None:
    """Literal lines of an x86-64 and of an s390x machine."""
    assert decode_address("0100007F:0CEA", "little") == ("127.0.0.1", 3306)
    assert decode_address("7F000001:0CEA", "big") == ("127.0.0.1", 3306)
    assert decode_address("00000000000000000000000001000000:0016", "little") == ("::1", 22)
    assert decode_address("00000000000000000000000000000001:0016", "big") == ("::1", 22)


@given(
    st.text(alphabet="0123456789ABCDEFabcdef: xZ", max_size=45)
    | st.from_regex(r"[0-9A-F ]{7,9}:[0-9A-F+_ ]{0,5}", fullmatch=True)
)
def test_anything_else_is_a_parse_error(text: str) -> None:
    if re.fullmatch(r"([0-9A-Fa-f]{8}|[0-9A-Fa-f]{32}):[0-9A-Fa-f]{1,4}", text):
        decode_address(text, "little")
    else:
        with pytest.raises(ParseError):
            decode_address(text, "little")


@pytest.mark.parametrize(
    "text",
    [
        *("", ":", "0100007F", "0100007F:", "0100007:0016", "0100007F:00016", "zz00007F:0016"),
        *("01 00 7F:0016", "0100007F: 016", "0100007F:+16", "0100007F:1_6"),
    ],
)
def test_malformed_addresses_are_refused(text: str) -> None:
    with pytest.raises(ParseError):
        decode_address(text, "little")
