"""Packages that apk-tools 2 installs: three streams of gzip behind each other, of which the first (the signature) may
be missing with ``--allow-untrusted``.

https://wiki.alpinelinux.org/wiki/Apk_spec tells the format. The second stream is a tar without its end, with .PKGINFO;
the third one the files, with their sha1 in headers of PAX.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_BLOCK = 512


def write_package(
    folder: Path,
    name: str,
    files: Mapping[str, tuple[int, str]],
    *,
    depends: Sequence[str] = (),
    provides: Sequence[str] = (),
) -> Path:
    """``NAME-1.0-r0.apk`` in ``folder``; ``files`` maps paths without their first slash to mode and content."""
    data = gzip.compress(_data(files), mtime=0)
    info = [
        f"pkgname = {name}", "pkgver = 1.0-r0", "pkgdesc = Made for a host of the tests", "arch = x86_64",
        f"size = {sum(len(text) for _, text in files.values())}", f"origin = {name}", "license = MIT",
        *(f"depend = {each}" for each in depends), *(f"provides = {each}" for each in provides),
        f"datahash = {hashlib.sha256(data).hexdigest()}",
    ]  # fmt: skip
    path = folder / f"{name}-1.0-r0.apk"
    path.write_bytes(gzip.compress(_control("\n".join([*info, ""])), mtime=0) + data)
    return path


def _control(info: str) -> bytes:
    content = info.encode()
    member = tarfile.TarInfo(".PKGINFO")
    member.size = len(content)
    return member.tobuf(tarfile.USTAR_FORMAT) + content + b"\0" * (-len(content) % _BLOCK)


def _data(files: Mapping[str, tuple[int, str]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        made: set[str] = set()
        for path, (mode, text) in sorted(files.items()):
            parts = path.split("/")
            for directory in ("/".join(parts[:count]) for count in range(1, len(parts))):
                if directory not in made:
                    made.add(directory)
                    archive.addfile(_member(directory, tarfile.DIRTYPE, 0o755))
            content = text.encode()
            member = _member(path, tarfile.REGTYPE, mode)
            member.size = len(content)
            digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            member.pax_headers = {"APK-TOOLS.checksum.SHA1": digest}
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def _member(path: str, kind: bytes, mode: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.uname, member.gname = kind, mode, "root", "root"
    return member
