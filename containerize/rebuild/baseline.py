"""The files of an image, as its container is exported: what the base and the packages bring, and what came out."""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Literal

_CAPABILITY = "SCHILY.xattr.security.capability"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One path. ``kind`` is find's letter (f, d, l, or o for anything else); ``digest`` is sha256 hex of a file;
    ``capability`` the extended attribute, b"" for none.
    """

    kind: Literal["f", "d", "l", "o"]
    mode: int
    uid: int
    gid: int
    size: int = 0
    digest: str = ""
    link: str = ""
    capability: bytes = b""


Baseline = Mapping[str, ImageFile]
"""By absolute path."""

MADE_BY_ENGINES = (
    "/.dockerenv",
    "/dev",
    "/proc",
    "/sys",
    "/etc/hosts",
    "/etc/hostname",
    "/etc/resolv.conf",
    "/etc/mtab",
)


def read_export(stream: IO[bytes]) -> dict[str, ImageFile]:
    """All files of an export. A second name of a file has that file's content."""
    found: dict[str, ImageFile] = {}
    with tarfile.open(fileobj=stream, mode="r|", errors="surrogateescape") as tar:
        for path, member in _members(tar):
            if path in MADE_BY_ENGINES or path.startswith(("/dev/", "/proc/", "/sys/")):
                continue
            mode = member.mode & 0o7777
            if member.islnk():
                first = found.get("/" + member.linkname.lstrip("./"))
                if first is not None:
                    found[path] = first
            elif member.isreg():
                content = tar.extractfile(member)
                digest = hashlib.sha256()
                while content is not None and (chunk := content.read(_CHUNK)):
                    digest.update(chunk)
                raw = member.pax_headers.get(_CAPABILITY, "").encode("utf-8", "surrogateescape")
                found[path] = ImageFile(
                    "f", mode, member.uid, member.gid, member.size, digest.hexdigest(), capability=raw
                )
            elif member.isdir():
                found[path] = ImageFile("d", mode, member.uid, member.gid)
            elif member.issym():
                found[path] = ImageFile("l", 0o777, member.uid, member.gid, link=member.linkname)
            else:
                found[path] = ImageFile("o", mode, member.uid, member.gid)
    return found


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, tarfile.TarInfo]]:
    for member in tar:
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if parts and ".." not in parts:
            yield "/" + "/".join(parts), member
