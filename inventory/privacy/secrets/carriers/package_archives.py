"""The archives of package tools: cpio, ar (deb and static libraries) and rpm."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import ArchiveMember, Budget, Carrier, Part, Unread

_CPIO = (b"070701", b"070702")
_AR = b"!<arch>\n"
_RPM, _RPM_HEADER = b"\xed\xab\xee\xdb", b"\x8e\xad\xe8"
_LEAD = 96


def _is_cpio(content: bytes, _path: str) -> bool:
    return content.startswith(_CPIO)


def _read_cpio(content: bytes, budget: Budget) -> Iterator[Part]:
    """The new ASCII format: a header of 110 bytes in hexadecimal, the name, the content, each padded to four bytes."""
    at = 0
    while content.startswith(_CPIO, at):
        budget.entry()
        size, length = int(content[at + 54 : at + 62], 16), int(content[at + 94 : at + 102], 16)
        name = content[at + 110 : at + 110 + length].rstrip(b"\0")
        begin = at + 110 + length
        begin += -begin % 4
        if name == b"TRAILER!!!":
            return
        if size:
            yield ArchiveMember(name.decode("utf-8", "surrogateescape"), content[begin : begin + size])
        at = begin + size
        at += -at % 4


def _is_ar(content: bytes, _path: str) -> bool:
    return content.startswith(_AR)


def _read_ar(content: bytes, budget: Budget) -> Iterator[Part]:
    """ar(5): a header of 60 bytes for each member, padded to two bytes."""
    at = len(_AR)
    while at + 60 <= len(content):
        budget.entry()
        header = content[at : at + 60]
        if header[58:60] != b"`\n":
            yield Unread("", "damaged")
            return
        size = int(header[48:58].strip() or b"0")
        name = header[:16].rstrip().rstrip(b"/").decode("utf-8", "surrogateescape")
        if name and size > 0:
            yield ArchiveMember(name, content[at + 60 : at + 60 + size])
        at += 60 + max(size, 0) + size % 2


def _is_rpm(content: bytes, _path: str) -> bool:
    return content.startswith(_RPM)


def _read_rpm(content: bytes, _budget: Budget) -> Iterator[Part]:
    """A lead, the signature, the header (both as rpm keeps headers), and a compressed cpio."""
    at = _LEAD
    for padded in (True, False):
        if not content.startswith(_RPM_HEADER, at):
            yield Unread("", "damaged")
            return
        count, size = struct.unpack_from(">II", content, at + 8)
        at += 16 + 16 * count + size
        if padded:
            at += -at % 8
    yield ArchiveMember("payload", content[at:])


CPIO = Carrier("cpio", _is_cpio, _read_cpio)
AR = Carrier("ar", _is_ar, _read_ar)
RPM = Carrier("rpm", _is_rpm, _read_rpm)
