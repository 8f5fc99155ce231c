"""The files of an exported container: contents of the base and its packages, or of the result."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Literal

from containerize.sandbox.admission import CAPABILITY
from containerize.tar.reader import read_members


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
    """All files of an export. A second name of a file has that file's content. Raises HostileStream."""
    found: dict[str, ImageFile] = {}
    for member in read_members(stream):
        path = "/" + os.fsdecode(member.name)
        if not member.name or path in MADE_BY_ENGINES or path.startswith(("/dev/", "/proc/", "/sys/")):
            continue
        if member.kind == "hardlink":
            first = found.get("/" + os.fsdecode(member.link))
            if first is not None:
                found[path] = first
        elif member.kind == "file":
            digest = hashlib.sha256()
            for chunk in member.chunks():
                digest.update(chunk)
            raw = dict(member.xattrs).get(CAPABILITY, b"")
            found[path] = ImageFile(
                "f", member.mode, member.uid, member.gid, member.size, digest.hexdigest(), capability=raw
            )
        elif member.kind == "directory":
            found[path] = ImageFile("d", member.mode, member.uid, member.gid)
        elif member.kind == "symlink":
            found[path] = ImageFile("l", 0o777, member.uid, member.gid, link=os.fsdecode(member.link))
        else:
            found[path] = ImageFile("o", member.mode, member.uid, member.gid)
    return found
