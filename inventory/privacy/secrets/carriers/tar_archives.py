"""Tar of every dialect: old, ustar, GNU and pax. Read block by block; what is damaged ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import ArchiveMember, Budget, Carrier, Part, Unread

_BLOCK = 512
_PATH = re.compile(rb"(?<!\d)\d+ path=([^\n]*)")


def recognises(content: bytes, _path: str) -> bool:
    """Whether the first block has the checksum of a header."""
    return len(content) >= _BLOCK and _is_header(content[:_BLOCK])


def read(content: bytes, budget: Budget) -> Iterator[Part]:
    """Its files. Blocks of zeros are passed over: archives that were joined have them in the middle."""
    at, name = 0, ""
    while at + _BLOCK <= len(content):
        header = content[at : at + _BLOCK]
        at += _BLOCK
        if not header.strip(b"\0"):
            continue
        budget.entry()
        if not _is_header(header):
            yield Unread("", "damaged")
            return
        size = _number(header[124:136])
        body = content[at : at + size]
        at += size + -size % _BLOCK
        kind = header[156:157]
        if kind == b"L":
            name = _text(body.rstrip(b"\0"))
        elif kind == b"x":
            name = _text(found[1]) if (found := _PATH.search(body)) else name
        elif kind in (b"0", b"\0", b"7", b"S"):
            yield ArchiveMember(name or _name(header), body)
            name = ""
        elif kind not in (b"g", b"K"):
            name = ""


def _is_header(block: bytes) -> bool:
    try:
        announced = int(block[148:156].split(b"\0")[0].strip() or b"x", 8)
    except ValueError:
        return False
    return announced == sum(block[:148]) + sum(block[156:]) + 8 * 32


def _number(field: bytes) -> int:
    """Octal, or base 256 where the first bit is set."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big")
    return int(field.split(b"\0")[0].strip() or b"0", 8)


def _name(header: bytes) -> str:
    name = header[:100].split(b"\0")[0]
    prefix = header[345:500].split(b"\0")[0] if header[257:262] == b"ustar" and header[262:263] == b"\0" else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


CARRIER = Carrier("tar", recognises, read)
