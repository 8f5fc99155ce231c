"""Python bytecode that the host compiled from a package's source."""

from __future__ import annotations

import struct

from containerize.host.file_tree import HostTree


def source_of(path: str, content: bytes, tree: HostTree) -> str | None:
    """The source that a .pyc was made from, by its name and by the time and size of it that are noted in the bytecode
    (PEP 552 and 3147). None when another was there then.
    """
    if not path.endswith(".pyc") or content[2:4] != b"\r\n":
        return None
    directory, _, name = path.rpartition("/")
    if directory.endswith("/__pycache__"):
        directory, name = directory.rpartition("/")[0], name.split(".")[0] + ".pyc"
    source = f"{directory}/{name.removesuffix('c')}"
    entry = tree.get(source)
    if entry is None or entry.kind != "f" or len(content) < 16:
        return None
    magic = int.from_bytes(content[:2], "little")
    old = magic >= 62000
    flags, moment, size = struct.unpack_from("<III", content, 4) if 3390 <= magic < 62000 else (0, 0, 0)
    if magic < 3390 or old:
        moment, size = struct.unpack_from("<II", content, 4)
    same_size = old or magic < 3200 or size == entry.size & 0xFFFFFFFF
    return source if flags == 0 and moment == entry.mtime & 0xFFFFFFFF and same_size else None
