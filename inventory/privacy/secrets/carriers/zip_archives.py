"""Zip and everything that is one: jar, war, ear, whl, egg, docx; also behind a script that starts it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from inventory.privacy.secrets.carriers.extracted_parts import (
    ENTRIES,
    ArchiveMember,
    Budget,
    Carrier,
    LimitReached,
    Part,
    Unread,
)

_ENTRY, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NAMES = tuple(
    f".{name}"
    for name in ["zip", "jar", "war", "ear", "sar", "rar", "jmod", "whl", "egg", "par", "kar", "hpi", "jpi", "nar"]
)
_PIECE = 1 << 20


def recognises(content: bytes, path: str) -> bool:
    """Whether it begins with an entry, or has the name of a zip and holds one."""
    return content.startswith((_ENTRY, _END)) or (path.lower().endswith(_NAMES) and _ENTRY in content[: 1 << 16])


def read(content: bytes, budget: Budget) -> Iterator[Part]:
    """Its files, the bytes before the first of them, and the comment."""
    # zipfile makes an object for each entry before anything can be counted.
    if content.count(_CENTRAL) > ENTRIES:
        raise LimitReached(f"more than {ENTRIES:,} files are packed in it")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if before := content[: max(content.find(_ENTRY), 0)]:
            yield ArchiveMember("", before)
        if archive.comment:
            yield ArchiveMember("comment", archive.comment)
        for entry in archive.infolist():
            budget.entry()
            if entry.is_dir():
                continue
            if entry.flag_bits & 0x1:
                yield Unread(entry.filename, "encrypted")
                continue
            try:
                data = _unpacked(archive, entry, budget)
            except LimitReached:
                raise
            except Exception as error:  # zipfile trusts the file in places
                yield Unread(entry.filename, _words(error))
                continue
            yield ArchiveMember(entry.filename, data)


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: Budget) -> bytes:
    pieces = []
    with archive.open(entry) as packed:
        while piece := packed.read(_PIECE):
            budget.expand(len(piece))
            pieces.append(piece)
    return b"".join(pieces)


def _words(error: Exception) -> str:
    return "packed in an unknown way" if isinstance(error, NotImplementedError) else "damaged"


CARRIER = Carrier("zip", recognises, read)
