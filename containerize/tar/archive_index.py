"""Random access to local tar archives and short answers of an engine, strictly read."""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Iterable, Iterator
from typing import IO, Any

from containerize.tar.reader import BLOCK, HostileStream, IncomingMember, members_with_offsets, read_members

SMALL = 4 << 20
"""The most of one file that is kept in memory."""


class FilePart(io.RawIOBase):
    """A part of a file as its own file. Parts of one file can be read in turns."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        self._file, self._start, self._size = file, start, size
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See IOBase."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """See RawIOBase."""
        view = memoryview(buffer).cast("B")
        self._file.seek(self._start + self._at)
        data = self._file.read(max(min(len(view), self._size - self._at), 0))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


def index(file: IO[bytes]) -> Iterator[tuple[IncomingMember, FilePart]]:
    """The members of an archive with their contents, none of which is read. Raises HostileStream."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    for member in members_with_offsets(file):
        at = file.tell()
        if at + member.size > end:
            raise HostileStream("the archive ends in the middle of a file; make it again")
        yield member, FilePart(file, at, member.size)
        file.seek(min(at + member.size + -member.size % BLOCK, end))


def files_by_name(file: IO[bytes]) -> dict[str, FilePart]:
    """The files of an archive. Docker before 25 saves a layer that is there twice as a link to the first. Raises
    HostileStream.
    """
    parts: dict[str, FilePart] = {}
    links: dict[str, str] = {}
    for member, part in index(file):
        name = os.fsdecode(member.name)
        if member.kind == "file":
            parts[name] = part
        elif member.kind == "symlink":
            links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), os.fsdecode(member.link)))
    return parts | {name: parts[target] for name, target in links.items() if target in parts and name not in parts}


def first_member(chunks: Iterable[bytes]) -> tuple[IncomingMember, bytes] | None:
    """The first member of a stream with the beginning of its content; None when there is none. Raises HostileStream.

    All of the stream is read: until then Docker holds a lock on the container that it comes from.
    """
    source = _JoinedParts(iter(chunks))
    try:
        for member in read_members(source):
            content = bytearray()
            for chunk in member.chunks():
                content += chunk[: SMALL - len(content)]
            return member, bytes(content)
    finally:
        while source.read(1 << 20):
            pass
    return None


class _JoinedParts:
    """Pieces as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        """See Source."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data
