"""Single files compressed with gzip, bzip2, xz, lzma or zstd; what is in them may be an archive."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Iterator
from typing import Protocol

import zstandard

from inventory.privacy.secrets.carriers.extracted_parts import ArchiveMember, Budget, Carrier, Part, Unread

_PIECE = 1 << 20
_MEMORY = 128 << 20
"""Bytes that a decompressor may use for its window."""

_GZIP, _BZIP2, _XZ, _ZSTD, _LZMA = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd", b"\x5d\x00\x00"

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x1f\x9d", "compressed with compress"),
    (b"\x04\x22\x4d\x18", "compressed with lz4"),
    (b"\x89LZO\x00\r\n\x1a\n", "compressed with lzop"),
    (b"LZIP\x01", "compressed with lzip"),
    (b"MSCF\x00\x00\x00\x00", "a cabinet file"),
    (b"hsqs", "a squashfs image"),
)
"""A file that is packed in a way that the standard library does not read."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes: ...


class _Gzip:
    """zlib's object in the form of the others."""

    def __init__(self) -> None:
        self._object = zlib.decompressobj(31)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._object.eof

    @property
    def unused_data(self) -> bytes:
        return self._object.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        """Up to ``max_length`` bytes; with b"" it continues with the input before."""
        made = self._object.decompress(data or self._rest, max_length)
        self._rest = self._object.unconsumed_tail
        return made


def recognises(content: bytes, path: str) -> bool:
    """By the first bytes. Those of the old lzma format are weak, so that its name must fit too."""
    if content.startswith((_GZIP, _XZ, _ZSTD)) or (content.startswith(_BZIP2) and content[4:10] == b"1AY&SY"):
        return True
    return content.startswith(_LZMA) and path.endswith((".lzma", ".tlz", "payload"))


def read(content: bytes, budget: Budget) -> Iterator[Part]:
    """The one file in it, under no name."""
    yield ArchiveMember("", b"".join(_unpacked(content, budget)))


def _unpacked(content: bytes, budget: Budget) -> Iterator[bytes]:
    if content.startswith(_ZSTD):
        reader = zstandard.ZstdDecompressor(max_window_size=_MEMORY).stream_reader(
            io.BytesIO(content), read_across_frames=True
        )
        while piece := reader.read(_PIECE):
            budget.expand(len(piece))
            yield piece
        return
    rest = content
    while rest:
        decompressor = _decompressor(rest)
        if decompressor is None:
            return  # padding behind the last member
        piece = decompressor.decompress(rest, _PIECE)
        while True:
            budget.expand(len(piece))
            yield piece
            if decompressor.eof:
                break
            piece = decompressor.decompress(b"", _PIECE)
            if not piece and not decompressor.eof:
                raise EOFError("it ends too early")
        rest = decompressor.unused_data


def _decompressor(content: bytes) -> _Decompressor | None:
    if content.startswith(_GZIP):
        return _Gzip()
    if content.startswith(_BZIP2):
        return bz2.BZ2Decompressor()
    if content.startswith((_XZ, _LZMA)):
        return lzma.LZMADecompressor(memlimit=_MEMORY)
    return None


CARRIER = Carrier("compressed file", recognises, read)


def _is_foreign(content: bytes, _path: str) -> bool:
    return content.startswith(tuple(magic for magic, _ in _FOREIGN))


def _read_foreign(content: bytes, _budget: Budget) -> Iterator[Part]:
    yield Unread("", next(why for magic, why in _FOREIGN if content.startswith(magic)))


FOREIGN = Carrier("archive of another kind", _is_foreign, _read_foreign)
