"""Private keys in DER, by their structure: PKCS #1, PKCS #8 (encrypted too), SEC 1, DSA, and PKCS #12.

The structures are those of RFC 8017 (A.1.2), RFC 5958, RFC 5915, and RFC 7292.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inventory.privacy.secrets.carriers.extracted_parts import Budget, Carrier, Part, Secret

_INTEGER, _OCTETS, _OBJECT, _SEQUENCE, _CONTEXT_0, _CONTEXT_1 = 0x02, 0x04, 0x06, 0x30, 0xA0, 0xA1
_PKCS = bytes.fromhex("2a864886f70d01")
_DATA, _SIGNED = _PKCS + b"\x07\x01", _PKCS + b"\x07\x02"
_PBES = (_PKCS + b"\x05", _PKCS + b"\x0c\x01")
# Bags of PKCS #12 that hold a key or a secret: keyBag, pkcs8ShroudedKeyBag, secretBag.
_KEY_BAG = re.compile(rb"\x06\x0b" + re.escape(_PKCS) + rb"\x0c\x0a\x01[\x01\x02\x05]")
_ENCRYPTED_DATA = b"\x06\x09" + _PKCS + b"\x07\x06"


class _Element(NamedTuple):
    tag: int
    begin: int
    end: int


def recognises(content: bytes, _path: str) -> bool:
    """Whether it begins as one of them does: a SEQUENCE with an INTEGER or a SEQUENCE in it."""
    if content[:1] != b"\x30" or len(content) < 32:
        return False
    try:
        outer = _element(content, 0, 1 << 40)
    except (IndexError, ValueError):
        return False
    return content[outer.begin : outer.begin + 1] in (b"\x02", b"\x30")


def read(content: bytes, _budget: Budget) -> Iterator[Part]:
    """Nothing, or what kind of key it is."""
    try:
        reason = _kind(content)
    except (IndexError, ValueError):
        return
    if reason:
        yield Secret(reason)


def _kind(content: bytes) -> str | None:
    outer = _element(content, 0, len(content))
    if content[1] != 0x80 and len(content) - outer.end > 2:
        return None  # something else follows
    inside = list(_inside(content, outer))
    tags = [each.tag for each in inside]
    first = content[inside[0].begin : inside[0].end]
    if tags[:2] == [_INTEGER, _SEQUENCE] and first == b"\x03" and _contains(content, inside[1], (_DATA, _SIGNED)):
        # One of certificates alone is public: the trust store of Java, where it is not encrypted.
        held = _KEY_BAG.search(content) or _ENCRYPTED_DATA in content
        return "PKCS #12 keystore" if held else None
    if tags[:3] == [_INTEGER, _SEQUENCE, _OCTETS] and first in (b"\x00", b"\x01"):
        return "private key" if _begins_with_object(content, inside[1]) else None
    if tags[:2] == [_INTEGER, _OCTETS] and first == b"\x01" and set(tags[2:]) <= {_CONTEXT_0, _CONTEXT_1}:
        return "private key"
    if set(tags) == {_INTEGER} and len(tags) in (6, 9) and first in (b"\x00", b"\x01"):
        return "private key"
    if tags == [_SEQUENCE, _OCTETS] and _contains(content, inside[0], _PBES):
        return "private key"
    return None


def _contains(content: bytes, element: _Element, objects: tuple[bytes, ...]) -> bool:
    """Whether a sequence begins with one of these object identifiers, or with one below it."""
    first = _element(content, element.begin, element.end)
    return first.tag == _OBJECT and content[first.begin : first.end].startswith(objects)


def _begins_with_object(content: bytes, element: _Element) -> bool:
    return _element(content, element.begin, element.end).tag == _OBJECT


def _inside(content: bytes, element: _Element) -> Iterator[_Element]:
    at = element.begin
    for _ in range(16):
        if at >= element.end or content[at : at + 2] == b"\0\0":
            return
        child = _element(content, at, element.end)
        yield child
        at = child.end


def _element(content: bytes, at: int, limit: int) -> _Element:
    """The element at a place. One of indefinite length (BER) ends where what it is in ends."""
    tag, length, begin = content[at], content[at + 1], at + 2
    if length == 0x80:
        return _Element(tag, begin, limit)
    if length > 0x80:
        width = length & 0x7F
        if width > 4 or begin + width > len(content):
            raise ValueError("a length that no key has")
        length, begin = int.from_bytes(content[begin : begin + width], "big"), begin + width
    if begin + length > limit:
        raise ValueError("longer than its container")
    return _Element(tag, begin, begin + length)


CARRIER = Carrier("DER", recognises, read, whole=False)
