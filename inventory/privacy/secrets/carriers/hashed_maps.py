"""Hashed maps as mail servers and the like keep them: Berkeley DB (hash and B-tree), LMDB and cdb.

Each becomes a text of ``key value`` lines under the name of the file that such maps are made from.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import (
    ArchiveMember,
    Budget,
    Carrier,
    Part,
    SettingLines,
    Strings,
)
from inventory.privacy.secrets.carriers.printable_strings import strings

# The login for a relay; the same form has a transport and its destination.
_HOST = re.compile(rb"\[[\w.:-]+\](?::\w+)?|[\w-]+(?:\.[\w-]+)+(?::\w+)?|[\w.+-]+@[\w.-]+")
_LOGIN = re.compile(
    rb"(?!(?:smtps?|relay|lmtp|local|virtual|error|discard|uucp|hold|retry|pipe|maildrop|dovecot|cyrus|procmail|inet|unix):)"
    rb"[^\s:/]+:(?P<secret>[^\s:/\[][^\s]{3,})"
)

Pair = tuple[bytes, bytes]

_HASH, _BTREE = 0x00061561, 0x00053162
_HASH_PAGES, _BTREE_LEAF = (2, 13), 5
_LMDB = 0xBEEFC0DE


def _is_berkeley(content: bytes, _path: str) -> bool:
    return len(content) >= 512 and _order(content) is not None


def _order(content: bytes) -> str | None:
    for order in "<>":
        if struct.unpack_from(order + "I", content, 12)[0] in (_HASH, _BTREE):
            return order
    return None


def _read_berkeley(content: bytes, budget: Budget) -> Iterator[Part]:
    yield from _parts(_berkeley(content, budget), content)


def _berkeley(content: bytes, budget: Budget) -> Iterator[Pair]:
    """Pages of db.h: 20 bytes of numbers, entries, free space, level, type; then the places of keys and values in
    turns, which lie at the end of the page.
    """
    order = _order(content) or "<"
    (size,) = struct.unpack_from(order + "I", content, 20)
    if not 512 <= size <= 65536:
        raise ValueError("no page size")
    for begin in range(0, len(content) - size + 1, size):
        budget.tick()
        page = content[begin : begin + size]
        kind = page[25]
        if kind not in _HASH_PAGES and kind != _BTREE_LEAF:
            continue
        (count,) = struct.unpack_from(order + "H", page, 20)
        count = min(count, (size - 26) // 2)
        places = struct.unpack_from(f"{order}{count}H", page, 26)
        items = []
        end = size
        for place in places:
            if kind == _BTREE_LEAF:
                length = struct.unpack_from(order + "H", page, place)[0] if place + 3 <= size else 0
                items.append(page[place + 3 : place + 3 + length])
            else:
                items.append(page[place + 1 : end] if place < end else b"")
                end = place
        yield from zip(items[::2], items[1::2], strict=False)


def _is_lmdb(content: bytes, _path: str) -> bool:
    return len(content) >= 64 and struct.unpack_from("<I", content, 16)[0] == _LMDB


def _read_lmdb(content: bytes, budget: Budget) -> Iterator[Part]:
    yield from _parts(_lmdb(content, budget), content)


def _lmdb(content: bytes, budget: Budget) -> Iterator[Pair]:
    """Leaf pages of mdb.c: page number, padding, flags (2 is a leaf), where the places end; nodes with the size of the
    value, flags and the size of the key before both.
    """
    (size,) = struct.unpack_from("<I", content, 40)
    if not 512 <= size <= 65536:
        raise ValueError("no page size")
    for begin in range(0, len(content) - size + 1, size):
        budget.tick()
        flags, lower = struct.unpack_from("<HH", content, begin + 10)
        if flags & 0x02 == 0 or not 16 <= lower <= size:
            continue
        for (place,) in struct.iter_unpack("<H", content[begin + 16 : begin + lower - lower % 2]):
            at = begin + place
            if at + 8 > begin + size:
                continue
            low, high, node, length = struct.unpack_from("<HHHH", content, at)
            value = low | high << 16
            if node & 0x01:  # on pages of its own, by number
                overflow = int.from_bytes(content[at + 8 + length : at + 16 + length], "little") * size + 16
                yield content[at + 8 : at + 8 + length], content[overflow : overflow + value]
            else:
                yield content[at + 8 : at + 8 + length], content[at + 8 + length : at + 8 + length + value]


def _is_cdb(content: bytes, path: str) -> bool:
    if not path.endswith(".cdb") or len(content) < 2048:
        return False
    (first,) = struct.unpack_from("<I", content, 0)
    return bool(first >= 2048)


def _read_cdb(content: bytes, budget: Budget) -> Iterator[Part]:
    yield from _parts(_cdb(content, budget), content)


def _cdb(content: bytes, budget: Budget) -> Iterator[Pair]:
    """256 places of tables, of which the first is the end of the records: two lengths, key and value."""
    at, end = 2048, min(struct.unpack_from("<256Q", content, 0)[0] & 0xFFFFFFFF, len(content))
    while at + 8 <= end:
        budget.tick()
        key, value = struct.unpack_from("<II", content, at)
        yield content[at + 8 : at + 8 + key], content[at + 8 + key : at + 8 + key + value]
        at += 8 + key + value


def _parts(pairs: Iterator[Pair], content: bytes) -> Iterator[Part]:
    rows = [(_clean(key), _clean(value)) for key, value in pairs]
    yield ArchiveMember("", b"\n".join(b" ".join(row) for row in rows))
    logins = (match["secret"] for key, value in rows if _HOST.fullmatch(key) and (match := _LOGIN.fullmatch(value)))
    yield SettingLines(b"\n".join(b"relay_password = " + secret for secret in logins))
    yield Strings(strings(content))


def _clean(raw: bytes) -> bytes:
    """Postfix ends both with a NUL."""
    return b"".join(raw.rstrip(b"\0").replace(b"\0", b" ").splitlines())


BERKELEY = Carrier("Berkeley DB", _is_berkeley, _read_berkeley)
LMDB = Carrier("LMDB", _is_lmdb, _read_lmdb)
CDB = Carrier("cdb", _is_cdb, _read_cdb)
