"""Small binary forms with names and values in turns: Python's pickles, Samba's TDB, and the swap files of Vim."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import (
    ArchiveMember,
    Budget,
    Carrier,
    Part,
    Secret,
    SettingLines,
    Strings,
)
from inventory.privacy.secrets.carriers.printable_strings import strings
from inventory.privacy.secrets.carriers.row_settings import settings

_TDB, _TDB_RECORD = b"TDB file\n", struct.pack("<I", 0x26011999)
_SAMBA = (b"USER_", b"SECRETS/")
_VIM = b"b0VIM "

# SHORT_BINUNICODE, BINUNICODE, SHORT_BINSTRING and BINSTRING of Lib/pickletools.py, each with its length before it.
_PICKLED = re.compile(rb"(?:[\x8cU](?=(.))|[XT](?=(....)))", re.DOTALL)


def _is_pickle(content: bytes, _path: str) -> bool:
    return content[:1] == b"\x80" and content[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05") and len(content) > 4


def _read_pickle(content: bytes, budget: Budget) -> Iterator[Part]:
    """Its texts in their order. Nothing is unpickled."""
    texts: list[bytes] = []
    at = 0
    for match in _PICKLED.finditer(content):
        budget.tick()
        if match.start() < at:
            continue
        begin, length = (
            (match.end() + 1, match[1][0]) if match[1] else (match.end() + 4, int.from_bytes(match[2], "little"))
        )
        if not 0 < length <= len(content) - begin or length > 1 << 16:
            continue
        text = content[begin : begin + length]
        if b"\0" not in text:
            texts.append(text)
            at = begin + length
    yield SettingLines(b"\n".join(settings((), texts)))
    yield Strings(strings(content))


def _is_tdb(content: bytes, _path: str) -> bool:
    return content.startswith(_TDB)


def _read_tdb(content: bytes, budget: Budget) -> Iterator[Part]:
    """Records of tdb_private.h: next, size, lengths of key and value, hash, magic; then both."""
    lines: list[bytes] = []
    at = content.find(_TDB_RECORD)
    while at >= 16:
        budget.tick()
        key_length, length = struct.unpack_from("<II", content, at - 12)
        begin = at + 4
        if key_length + length <= len(content) - begin:
            key = content[begin : begin + key_length].rstrip(b"\0")
            if key.startswith(_SAMBA):
                yield Secret("Samba passwords")
            value = content[begin + key_length : begin + key_length + length].rstrip(b"\0")
            lines += settings((key,), (value,))
        at = content.find(_TDB_RECORD, at + 4)
    yield SettingLines(b"\n".join(lines))
    yield Strings(strings(content))


def _is_swap(content: bytes, _path: str) -> bool:
    return content.startswith(_VIM)


def _read_swap(content: bytes, budget: Budget) -> Iterator[Part]:
    """Lines of the edited file with NULs between them, the last first."""
    budget.expand(len(content))
    yield ArchiveMember("", content[len(_VIM) :].replace(b"\0", b"\n"))


PICKLE = Carrier("pickle", _is_pickle, _read_pickle)
TDB = Carrier("TDB", _is_tdb, _read_tdb)
SWAP = Carrier("swap file of Vim", _is_swap, _read_swap)
