"""A strict reader of tar streams from untrusted sources.

A host sends them, an engine saves them, and layers are made of them. The reader never recurses, never looks up a name
and never decides where anything is written. Memory is bounded by the longest header, not by what is sent. Numbers are
within what a kernel accepts, or the stream ends with :class:`HostileStream`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from inventory.errors import HostError

BLOCK = 512
MAX_NAME = 1 << 20
"""The longest header with names or attributes. Paths are limited to 4,096 bytes and attributes to 64 KiB each."""

MAX_COMPONENT, MAX_PATH, MAX_DEPTH = 255, 4096, 256
"""Bytes of a name, bytes of a path, directories of a path. The first two are Linux's limits."""

MAX_ID = 2**32 - 2
"""The largest uid or gid. One more means "leave the owner as it is" to chown(2)."""

MAX_TIME = 2**33 - 1
"""The latest time in seconds since 1970: the year 2242, and all that ustar can hold."""

MAX_SIZE = 2**63 - 1

MAX_EMPTY = 1 << 24
"""Empty blocks in a whole stream: up to twenty end each archive in it, and there may be one for each file."""

MAX_HEADERS = 16
"""Extension headers in front of one member. Writers need three."""

Kind = Literal["file", "directory", "symlink", "hardlink", "fifo", "device"]


class HostileStream(HostError):
    """The stream holds something that was not asked for; the sentence says what."""


class Source(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; b"" at the end."""
        ...


@dataclass(slots=True)
class IncomingMember:
    """A member of the stream. The content of a file must be read with :meth:`chunks` before the next member is asked
    for; what is left is skipped.

    ``name`` has no leading or trailing ``/``; the root directory is b"". ``mtime`` is within 0 and MAX_TIME, and
    ``clamped`` when it was not. ``too_long`` says that a name or path exceeds what a kernel takes. ``link`` is the
    target of a symbolic link as it stands, or the name of another member. ``xattrs`` are (name, value).
    """

    name: bytes
    size: int
    _source: Source
    _left: int
    kind: Kind = "file"
    mode: int = 0
    uid: int = 0
    gid: int = 0
    mtime: int = 0
    link: bytes = b""
    xattrs: tuple[tuple[bytes, bytes], ...] = ()
    clamped: bool = False
    too_long: bool = False

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


def read_files(source: Source) -> Iterator[IncomingMember]:
    """The files of a host's tar stream, in its order. Anything but a plain file with a clean name ends the stream.

    Several archives may follow each other, as xargs makes them: the empty blocks between them are skipped.
    """
    for incoming, raw in _members(source, files_only=True):
        name = raw.removeprefix(b"./")
        if name != incoming.name or not name:
            raise HostileStream(f"the host sent a file with the name {raw[:200]!r}, which leaves the directory")
        yield incoming
        incoming.skip_rest()


def read_members(source: Source) -> Iterator[IncomingMember]:
    """The members of one archive, of all kinds. What follows its end is not read.

    Names are taken as below the root: a leading ``/`` or ``./`` is dropped. A name with ``..`` ends the stream.
    """
    for incoming, _ in _members(source, files_only=False):
        yield incoming
        incoming.skip_rest()


_WORDS: dict[Kind, str] = {
    "directory": "directory",
    "symlink": "symbolic link",
    "hardlink": "hard link",
    "fifo": "named pipe",
    "device": "device",
}
_KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "device",
    b"4": "device",
    b"5": "directory",
    b"6": "fifo",
}


@dataclass(slots=True)
class _Extended:
    """Values of extension headers for the next member; None where they have none."""

    name: bytes | None = None
    link: bytes | None = None
    size: int | None = None
    uid: int | None = None
    gid: int | None = None
    mtime: int | None = None
    xattrs: dict[bytes, bytes] = field(default_factory=dict)
    headers: int = 0


def members_with_offsets(source: Source) -> Iterator[IncomingMember]:
    """The same for a source whose position the caller moves to the next header by itself."""
    for incoming, _ in _members(source, files_only=False):
        yield incoming


def _members(source: Source, *, files_only: bool) -> Iterator[tuple[IncomingMember, bytes]]:
    """Each member with its name as it was sent. Only ``files_only`` reads on behind the end of an archive."""
    extended = _Extended()
    empty = 0
    ended = False
    while (header := _exactly(source, BLOCK, end=True)) is not None:
        if header == _EMPTY:
            empty += 1
            if empty > MAX_EMPTY:
                raise HostileStream("the stream of files holds nothing but empty blocks")
            if ended and not files_only:
                return
            ended = True
            continue
        ended = False
        _check(header)
        letter = header[156:157]
        if letter in b"LKxg":
            extended.headers += 1
            if extended.headers > MAX_HEADERS:
                raise HostileStream("the stream of files holds too many headers for one file")
            _extend(extended, letter, _body(source, header))
            continue
        kind = _KINDS.get(letter)
        if kind is None:
            word = "sparse file" if letter == b"S" else "special file"
            raise HostileStream(f"the stream of files holds a {word} where a plain file was expected")
        raw = extended.name if extended.name is not None else _ustar_name(header)
        if letter == b"\0" and raw.endswith(b"/"):
            kind = "directory"
        if files_only and kind != "file":
            raise HostileStream(f"the host sent a {_WORDS[kind]} where a plain file was asked for")
        member = _member(source, header, kind, raw, extended)
        extended = _Extended()
        yield member, raw


_EMPTY = b"\0" * BLOCK


def _body(source: Source, header: bytes) -> bytes:
    size = _number(header[124:136], "size")
    if not 0 <= size <= MAX_NAME:
        raise HostileStream("the stream of files holds a header that is far too long")
    return (_exactly(source, size + -size % BLOCK) or b"")[:size]


def _extend(extended: _Extended, letter: bytes, body: bytes) -> None:
    if letter == b"L":
        extended.name = body.rstrip(b"\0")
    elif letter == b"K":
        extended.link = body.rstrip(b"\0")
    elif letter == b"x":
        for key, value in _records(body):
            _apply(extended, key, value)


def _apply(extended: _Extended, key: bytes, value: bytes) -> None:
    if key == b"path":
        extended.name = value
    elif key == b"linkpath":
        extended.link = value
    elif key == b"size":
        extended.size = _decimal(value, "size")
    elif key == b"uid":
        extended.uid = _decimal(value, "owner")
    elif key == b"gid":
        extended.gid = _decimal(value, "group")
    elif key == b"mtime":
        whole = value.split(b".", 1)[0]
        extended.mtime = -1 if whole.startswith(b"-") else _decimal(whole, "time")
    elif key.startswith(_XATTR):
        extended.xattrs[key[len(_XATTR) :]] = value
    elif key.startswith(b"GNU.sparse"):
        raise HostileStream("the stream of files holds a sparse file where a plain file was expected")


_XATTR = b"SCHILY.xattr."


def _member(source: Source, header: bytes, kind: Kind, raw: bytes, extended: _Extended) -> IncomingMember:
    name = _clean(raw)
    # Only files have content, whatever the header of a link or a directory announces.
    size = _either(extended.size, header[124:136], "size", MAX_SIZE) if kind == "file" else 0
    uid = _either(extended.uid, header[108:116], "owner", MAX_ID)
    gid = _either(extended.gid, header[116:124], "group", MAX_ID)
    mtime = extended.mtime if extended.mtime is not None else _number(header[136:148], "time")
    link = b""
    if kind in ("symlink", "hardlink"):
        link = extended.link if extended.link is not None else header[157:257].split(b"\0", 1)[0]
        if not link or b"\0" in link:
            raise HostileStream("the stream of files holds a link with a target that no system has")
        if kind == "hardlink":
            link = _clean(link)
    return IncomingMember(
        name,
        size,
        source,
        size,
        kind=kind,
        mode=_number(header[100:108], "mode") & 0o7777,
        uid=uid,
        gid=gid,
        mtime=min(max(mtime, 0), MAX_TIME),
        link=link,
        xattrs=tuple(extended.xattrs.items()),
        clamped=not 0 <= mtime <= MAX_TIME,
        too_long=_too_long(name) or len(link) >= MAX_PATH,
    )


def _too_long(name: bytes) -> bool:
    if len(name) <= MAX_COMPONENT:
        return name.count(b"/") >= MAX_DEPTH
    parts = name.split(b"/")
    return len(name) >= MAX_PATH - 1 or len(parts) > MAX_DEPTH or any(len(part) > MAX_COMPONENT for part in parts)


def _exactly(source: Source, size: int, *, end: bool = False) -> bytes | None:
    """``size`` bytes. At the very end of the stream None where ``end`` allows it, else an error."""
    if not size:
        return b""
    chunk = source.read(size)
    if len(chunk) == size:
        return chunk
    if not chunk and end:
        return None
    parts, left = [chunk], size - len(chunk)
    while left:
        if not (chunk := source.read(left)):
            raise HostileStream("the stream of files was cut off; try again")
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts)


def _check(header: bytes) -> None:
    expected = sum(header[:148]) + 8 * 32 + sum(header[156:])
    if _octal(header[148:156]) != expected:
        raise HostileStream("the file stream is not a tar archive (a message from the host's shell?)")


def _octal(field: bytes) -> int | None:
    text = field.split(b"\0", 1)[0].strip(b" ") or b"0"
    return int(text, 8) if text.isdigit() and b"8" not in text and b"9" not in text else None


def _number(field: bytes, what: str) -> int:
    """An octal field, or GNU's base-256 form for what octal cannot hold."""
    if field[0] & 0x80:
        if field[0] & 0x40:
            return int.from_bytes(field, "big", signed=True)
        return int.from_bytes(bytes([field[0] & 0x3F]) + field[1:], "big")
    if (value := _octal(field)) is None:
        raise HostileStream(f"the file stream contains a {what} that is not a number")
    return value


def _decimal(text: bytes, what: str) -> int:
    if not text.isdigit() or len(text) > 25:
        raise HostileStream(f"the file stream contains a {what} that is not a number")
    return int(text)


def _either(extended: int | None, field: bytes, what: str, most: int) -> int:
    value = extended if extended is not None else _number(field, what)
    if not 0 <= value <= most:
        raise HostileStream(f"the stream of files holds a {what} that no system has ({value})")
    return value


def _ustar_name(header: bytes) -> bytes:
    name = header[:100].split(b"\0", 1)[0]
    if header[257:263] == b"ustar\0":
        prefix = header[345:500].split(b"\0", 1)[0]
        if prefix:
            return prefix + b"/" + name
    return name


def _records(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of each record of a pax header."""
    at = 0
    while at < len(body):
        space = body.find(b" ", at)
        digits = body[at:space] if space > at else b""
        if not digits.isdigit() or len(digits) > 8:
            raise HostileStream("the stream of files holds a pax header that cannot be read")
        end = at + int(digits)
        if end > len(body) or end <= space:
            raise HostileStream("the stream of files holds a pax header that cannot be read")
        key, _, value = body[space + 1 : end - 1].partition(b"=")
        yield key, value
        at = end


def _clean(name: bytes) -> bytes:
    """The name below the root. Only a whole path can be normalised, so ``..`` is refused."""
    if b"\0" in name:
        raise HostileStream(f"the stream of files holds the name {name[:200]!r}, which no system has")
    if b"//" not in name and b"." not in name:
        return name.strip(b"/")
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if b".." in parts:
        raise HostileStream(f"the stream of files holds the name {name[:200]!r}, which leaves the directory")
    return b"/".join(parts)
