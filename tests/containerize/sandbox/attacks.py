"""Archives that a hostile host could send, or whose files could be in a hostile image."""

from __future__ import annotations

import io
import sysconfig
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

STDLIB = sysconfig.get_path("stdlib").strip("/")
"""Where this interpreter looks for its modules. Below a directory that became its root it would find planted ones."""

_PAYLOAD = """
import os
os.makedirs("/inner", exist_ok=True)
os.chroot("/inner")
for _ in range(64):
    os.chdir("..")
os.chroot(".")
with open({canary!r}, "w") as file:
    file.write("out")
"""
"""Leaves the root as whoever has CAP_SYS_CHROOT can, and writes ``canary`` on this machine."""

PLANTED = (
    "traceback",
    "linecache",
    "tokenize",
    "codecs",
    "shutil",
    "contextlib",
    "json/decoder",
    "encodings/planted",
    "encodings/idna",
    "encodings/ascii",
)


def archive(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def member(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, **fields: object
) -> tuple[tarfile.TarInfo, bytes]:
    """A member with what ``fields`` say."""
    info = tarfile.TarInfo(name)
    info.type, info.size, info.mode = kind, len(content), 0o755 if kind == tarfile.DIRTYPE else 0o644
    for key, value in fields.items():
        setattr(info, key, value)
    return info, content


def without_end(data: bytes) -> bytes:
    """An archive that another can follow."""
    return data.rstrip(b"\0") + b"\0" * (-len(data.rstrip(b"\0")) % 512)


def planted_modules(canary: Path) -> bytes:
    """Modules where the interpreter of the unpacker would look for its own; the sources that a traceback shows have a
    planted coding.
    """
    payload = _PAYLOAD.format(canary=str(canary)).encode()
    files = [member(f"{STDLIB}/{name}.py", payload) for name in PLANTED]
    files.append(member(f"{STDLIB}/tarfile.py", b"# coding: planted\n" + b"#\n" * 4000))
    return without_end(archive(*files))


def _header(kind: bytes, body: bytes) -> bytes:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, len(body)
    return info.tobuf(tarfile.GNU_FORMAT) + body + b"\0" * (-len(body) % 512)


def long_names(canary: Path) -> bytes:
    """Thousands of headers that each announce the name of the next member: a recursive reader runs out of stack."""
    return planted_modules(canary) + _header(b"L", b"name\0") * 5000 + archive(member("end"))


def pax_headers(canary: Path) -> bytes:
    """The same with extended headers."""
    return planted_modules(canary) + _header(b"x", b"12 path=abc\n") * 5000 + archive(member("end"))


def huge_owner(canary: Path) -> bytes:
    """A uid that does not fit into uid_t."""
    return planted_modules(canary) + archive(member("file", b"x", uid=2**40))


def huge_group(canary: Path) -> bytes:
    """A gid in GNU's base 256, and one that means "leave it as it is" to chown(2)."""
    return planted_modules(canary) + archive(member("file", b"x", gid=2**55), form=tarfile.GNU_FORMAT)


def no_owner(canary: Path) -> bytes:
    """The uid that means "leave it as it is" to chown(2)."""
    return planted_modules(canary) + archive(member("file", b"x", uid=2**32 - 1))


def huge_time(canary: Path) -> bytes:
    """The time that an unprivileged user can give a file on tmpfs."""
    return planted_modules(canary) + archive(member("file", b"x", mtime=2**63 - 1), member("next", b"y"))


def huge_time_of_directory(canary: Path) -> bytes:
    """The same for a directory, whose time is set at the end."""
    return planted_modules(canary) + archive(member("d", kind=tarfile.DIRTYPE, mtime=2**63 - 1), member("d/next", b"y"))


def negative_time(canary: Path) -> bytes:
    """Before 1970, farther back than any clock."""
    return planted_modules(canary) + archive(member("file", b"x", mtime=-(2**70)), member("next", b"y"))


def not_utf8(canary: Path) -> bytes:
    """A name with bytes that are no text, and a newline."""
    return planted_modules(canary) + archive(member("caf\udce9\n\x1b[31m", b"x"), form=tarfile.GNU_FORMAT)


def name_with_nul(canary: Path) -> bytes:
    """A name with a NUL in it, as only a header can say it."""
    return planted_modules(canary) + _header(b"x", b"14 path=a\0b/c\n") + archive(member("end"))


def announced_size(canary: Path) -> bytes:
    """A file that claims more than the stream holds."""
    info = tarfile.TarInfo("file")
    info.size = 2**62
    return planted_modules(canary) + info.tobuf(tarfile.GNU_FORMAT) + b"x" * 512


def sparse(canary: Path) -> bytes:
    """A sparse file of GNU's old kind."""
    return planted_modules(canary) + archive(member("file", kind=tarfile.GNUTYPE_SPARSE))


def long_header(canary: Path) -> bytes:
    """A header of two gigabytes."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = b"L", 2**31
    return planted_modules(canary) + info.tobuf(tarfile.GNU_FORMAT) + b"x" * 4096


def climbing_name(canary: Path) -> bytes:
    """A name that leaves the directory."""
    return archive(member(f"../../../../../../..{canary}", b"out"))


def link_and_file_beneath(canary: Path) -> bytes:
    """A link to the directory of the canary, and a file through it."""
    link = member("way", kind=tarfile.SYMTYPE, linkname=str(canary.parent))
    up = member("up", kind=tarfile.SYMTYPE, linkname="../../../../../../../../..")
    beneath = member(f"way/{canary.name}", b"out"), member(f"up{canary}", b"out")
    return archive(link, up, member(str(canary.parent).strip("/"), kind=tarfile.DIRTYPE), *beneath)


def link_over_file(canary: Path) -> bytes:
    """A link, and a file in its place: a writer that follows it writes to the link's target."""
    return archive(member("file", kind=tarfile.SYMTYPE, linkname=str(canary)), member("file", b"out"))


class Attack(NamedTuple):
    """``refused`` says that the archive is not taken as a data directory, ``refused_layer`` as a layer."""

    build: Callable[[Path], bytes]
    refused: bool
    refused_layer: bool


ATTACKS = (
    Attack(long_names, True, True),
    Attack(pax_headers, True, True),
    Attack(huge_owner, True, True),
    Attack(huge_group, True, True),
    Attack(no_owner, True, True),
    Attack(huge_time, False, False),
    Attack(huge_time_of_directory, False, False),
    Attack(negative_time, False, False),
    Attack(not_utf8, False, False),
    Attack(name_with_nul, True, True),
    Attack(announced_size, True, True),
    Attack(sparse, True, True),
    Attack(long_header, True, True),
    Attack(climbing_name, True, True),
    Attack(link_and_file_beneath, True, False),
    Attack(link_over_file, False, False),
)
