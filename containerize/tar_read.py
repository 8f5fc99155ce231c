"""Reading the tar stream of a host, which is hostile until proved otherwise.

Only what we asked for may come: plain files with the names of the request. A link, a device, a path that climbs out of
the root or a header of a gigabyte ends the stream with :class:`HostileStream`; nothing that the stream says decides
where anything is written. Memory is bounded by the longest name, not by what is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from inventory.errors import HostError

BLOCK = 512
MAX_NAME = 64 * 1024
"""Longer than any path that a kernel accepts, and all that a header may make us keep."""


MAX_EMPTY = 1 << 24
"""Empty blocks in a whole stream: up to twenty end each archive in it, and there may be one for each file."""


class HostileStream(HostError):
    """The host sent something that it was not asked for; the sentence says what."""


class Source(Protocol):
    """Where the bytes come from."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; b"" at the end."""
        ...


@dataclass
class Incoming:
    """A plain file of the stream. Its content must be read with :meth:`chunks` before the next is asked for; what is
    left is skipped.
    """

    name: bytes
    size: int
    _source: Source
    _left: int

    def chunks(self, size: int = 1 << 20) -> Iterator[bytes]:
        """The content, piece by piece; raises HostileStream when the stream ends before it does."""
        while self._left:
            chunk = self._source.read(min(size, self._left))
            if not chunk:
                raise HostileStream("the stream of files ended in the middle of a file; try again")
            self._left -= len(chunk)
            yield chunk

    def skip_rest(self) -> None:
        """Read over what is left, and over the padding."""
        for _ in self.chunks():
            pass
        _exactly(self._source, -self.size % BLOCK)


def read_files(source: Source) -> Iterator[Incoming]:
    """The files of a tar stream, in its order. Names are as sent, without a leading ``./``.

    Several archives may follow each other, as xargs makes them: the empty blocks between them are skipped.
    """
    long_name: bytes | None = None
    long_size: int | None = None
    empty = 0
    while (header := _exactly(source, BLOCK, end=True)) is not None:
        if header == b"\0" * BLOCK:
            empty += 1
            if empty > MAX_EMPTY:
                raise HostileStream("the host sent nothing but empty blocks")
            continue
        _check(header)
        kind = header[156:157]
        size = _number(header[124:136])
        if kind in (b"L", b"x", b"g"):
            if size > MAX_NAME:
                raise HostileStream("the host sent a header that is far too long")
            body = _exactly(source, size + -size % BLOCK) or b""
            body = body[:size]
            if kind == b"L":
                long_name = body.rstrip(b"\0")
            elif kind == b"x":
                long_name, long_size = _pax(body, long_name)
            continue
        if kind not in (b"0", b"\0", b"7"):
            raise HostileStream(f"the host sent a {_KINDS.get(kind, 'special file')} where a plain file was asked for")
        name = long_name if long_name is not None else _ustar_name(header)
        size = long_size if long_size is not None else size
        long_name = long_size = None
        incoming = Incoming(_clean(name), size, source, size)
        yield incoming
        incoming.skip_rest()


_KINDS = {
    b"1": "hard link",
    b"2": "symbolic link",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "named pipe",
    b"S": "sparse file",
    b"K": "link with a long target",
}


def _exactly(source: Source, size: int, *, end: bool = False) -> bytes | None:
    """``size`` bytes. At the very end of the stream None where ``end`` allows it, else an error."""
    parts: list[bytes] = []
    left = size
    while left:
        chunk = source.read(left)
        if not chunk:
            if end and left == size:
                return None
            raise HostileStream("the stream of files was cut off; try again")
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts)


def _check(header: bytes) -> None:
    expected = sum(header[:148]) + 8 * 32 + sum(header[156:])
    try:
        given = int(header[148:156].strip(b" \0") or b"0", 8)
    except ValueError:
        given = -1
    if given != expected:
        raise HostileStream("the host sent something that is no tar archive (a message of its shell?)")


def _number(field: bytes) -> int:
    """An octal field, or GNU's base-256 form for what octal cannot hold."""
    if field[0] & 0x80:
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        if field[0] & 0x40:
            raise HostileStream("the host sent a file of negative size")
        return value
    try:
        return int(field.strip(b" \0") or b"0", 8)
    except ValueError as error:
        raise HostileStream("the host sent a header with a size that is no number") from error


def _ustar_name(header: bytes) -> bytes:
    name = header[:100].split(b"\0", 1)[0]
    if header[257:263] == b"ustar\0":
        prefix = header[345:500].split(b"\0", 1)[0]
        if prefix:
            return prefix + b"/" + name
    return name


def _pax(body: bytes, name: bytes | None) -> tuple[bytes | None, int | None]:
    size: int | None = None
    at = 0
    while at < len(body):
        space = body.find(b" ", at)
        digits = body[at:space] if space > at else b""
        if not digits.isdigit() or len(digits) > 8:
            raise HostileStream("the host sent a pax header that cannot be read")
        end = at + int(digits)
        if end > len(body) or end <= space:
            raise HostileStream("the host sent a pax header that cannot be read")
        key, _, value = body[space + 1 : end - 1].partition(b"=")
        if key == b"path":
            name = value
        elif key == b"size":
            if not value.isdigit() or len(value) > 20:
                raise HostileStream("the host sent a pax header that cannot be read")
            size = int(value)
        elif key.startswith(b"GNU.sparse"):
            raise HostileStream("the host sent a sparse file where a plain file was asked for")
        at = end
    return name, size


def _clean(name: bytes) -> bytes:
    if name.startswith(b"./"):
        name = name[2:]
    if not name or name.startswith(b"/") or b"\0" in name or any(p in (b"", b".", b"..") for p in name.split(b"/")):
        raise HostileStream(f"the host sent a file with the name {name[:200]!r}, which leaves the directory")
    return name
