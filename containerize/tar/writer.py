"""A deterministic tar writer.

Python's tarfile would do, but a layer's digest must not change with the Python that wrote it, and capabilities
(``SCHILY.xattr.security.capability``) are bytes that are not text. The form is POSIX pax: a ustar header, preceded by a
pax header only where ustar cannot say it. No user or group names, no access times.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from containerize.tar.reader import BLOCK, MAX_COMPONENT, MAX_ID, MAX_PATH, MAX_SIZE, MAX_TIME

END = b"\0" * (2 * BLOCK)
"""What ends an archive."""

ROOT = "/."
"""The path of the root directory itself. Only the archive of a volume holds it."""

MemberKind = Literal["file", "directory", "symlink", "hardlink", "fifo"]
_TYPE = {"file": b"0", "hardlink": b"1", "symlink": b"2", "directory": b"5", "fifo": b"6"}

_NAME, _PREFIX, _LINK = 100, 155, 100
_OCTAL_7 = 8**7 - 1
_OCTAL_11 = 8**11 - 1


class Sink(Protocol):
    """A destination for bytes."""

    def write(self, data: bytes, /) -> object:
        """Take all of ``data``."""
        ...


class TarError(ValueError):
    """A member that must not be written: a path that leaves the root, an owner that no system has, a size that its
    content does not have.
    """


@dataclass(frozen=True, slots=True)
class TarMember:
    """One member. ``path`` is absolute as in a plan (``/usr/bin/env``); ``link`` is the target of a symlink as it
    stands on the host, or the absolute path of the other name of a hard link. ``size`` is 0 for all but files.
    """

    path: str
    kind: MemberKind
    mode: int
    uid: int
    gid: int
    mtime: int
    size: int = 0
    link: str = ""
    xattrs: tuple[tuple[str, bytes], ...] = ()


class TarWriter:
    """Writes the members of a layer to ``sink`` in the order they are given."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    def add(self, member: TarMember, content: Iterable[bytes] = ()) -> None:
        """Write one member; ``content`` must yield exactly ``member.size`` bytes."""
        if "/.wh." in member.path:
            raise TarError(f"{member.path!r} would remove another file in an image")
        self._sink.write(headers(member))
        written = 0
        for chunk in content:
            written += len(chunk)
            if written > member.size:
                break
            self._sink.write(chunk)
        if written != member.size:
            raise TarError(f"{member.path} has not the size it was announced with")
        self._sink.write(padding(written))

    def finish(self) -> None:
        """Write the two empty blocks that end an archive."""
        self._sink.write(END)


def padding(size: int) -> bytes:
    """The padding after content of this size."""
    return b"\0" * (-size % BLOCK)


def member_name(path: str, *, directory: bool = False) -> bytes:
    """The name within the archive for an absolute path; raises TarError for one that is not clean or too long."""
    if not path.startswith("/") or "\0" in path:
        raise TarError(f"{path!r} is not an absolute path")
    if directory and path == ROOT:
        return b"./"
    name = os.fsencode(path)[1:]
    parts = name.split(b"/")
    if any(part in (b"", b".", b"..") for part in parts):
        raise TarError(f"{path!r} is not a clean path")
    if len(name) >= MAX_PATH or any(len(part) > MAX_COMPONENT for part in parts):
        raise TarError(f"{path[:100]!r}… is longer than a kernel allows")
    return name + (b"/" if directory else b"")


def headers(member: TarMember) -> bytes:
    """All header blocks of a member. Times are clamped to what ustar can hold; raises TarError for other numbers."""
    if not (0 <= member.uid <= MAX_ID and 0 <= member.gid <= MAX_ID and 0 <= member.size <= MAX_SIZE):
        raise TarError(f"{member.path!r} has an owner, group or size that no system has")
    name = member_name(member.path, directory=member.kind == "directory")
    link = member_name(member.link) if member.kind == "hardlink" else os.fsencode(member.link)
    size = member.size if member.kind == "file" else 0
    mtime = min(max(member.mtime, 0), MAX_TIME)
    extra: dict[bytes, bytes] = {}
    prefix, short = _split(name)
    if short is None or not name.isascii():
        extra[b"path"] = name
        prefix, short = b"", name[:_NAME]
    if len(link) > _LINK or not link.isascii():
        extra[b"linkpath"] = link
    if size > _OCTAL_11:
        extra[b"size"] = b"%d" % size
    if member.uid > _OCTAL_7:
        extra[b"uid"] = b"%d" % member.uid
    if member.gid > _OCTAL_7:
        extra[b"gid"] = b"%d" % member.gid
    for key, value in member.xattrs:
        if "=" in key or "\n" in key or "\0" in key:
            raise TarError(f"{member.path!r} has an attribute with a name that no system has")
        extra[b"SCHILY.xattr." + os.fsencode(key)] = value
    blocks = b""
    if extra:
        body = b"".join(_record(key, extra[key]) for key in sorted(extra))
        blocks = _header(b"pax", b"", b"", b"x", 0o644, 0, 0, len(body), 0) + body + b"\0" * (-len(body) % BLOCK)
    return blocks + _header(
        short,
        prefix,
        link[:_LINK],
        _TYPE[member.kind],
        member.mode & 0o7777,
        member.uid if member.uid <= _OCTAL_7 else 0,
        member.gid if member.gid <= _OCTAL_7 else 0,
        size if size <= _OCTAL_11 else 0,
        mtime,
    )


def _split(name: bytes) -> tuple[bytes, bytes | None]:
    """(prefix, name) as ustar has it; the name is None when it does not fit."""
    if len(name) <= _NAME:
        return b"", name
    at = name.rfind(b"/", 0, _PREFIX + 1)
    while at > 0:
        rest = name[at + 1 :]
        if not rest or len(rest) > _NAME:
            break
        return name[:at], rest
    return b"", None


def _record(key: bytes, value: bytes) -> bytes:
    """A pax record, whose length counts its own digits."""
    body = b" " + key + b"=" + value + b"\n"
    length = len(body)
    while True:
        text = b"%d" % length
        if len(text) + len(body) == length:
            return text + body
        length = len(text) + len(body)


def _header(
    name: bytes, prefix: bytes, link: bytes, kind: bytes, mode: int, uid: int, gid: int, size: int, mtime: int
) -> bytes:
    fields = (
        name.ljust(100, b"\0")
        + b"%07o\0%07o\0%07o\0%011o\0%011o\0" % (mode, uid, gid, size, mtime)
        + b" " * 8
        + kind
        + link.ljust(100, b"\0")
        + b"ustar\x0000"
        + b"\0" * 64
        + b"0000000\0" * 2
        + prefix.ljust(155, b"\0")
        + b"\0" * 12
    )
    checksum = b"%06o\0 " % sum(fields)
    return fields[:148] + checksum + fields[156:]
