"""Access control lists of files (acl(5)): from the output of ``getfacl`` to extended attributes.

A service that may read its settings by such a list alone does not start without it. The binary form is
posix_acl_xattr_header of the kernel (include/uapi/linux/posix_acl_xattr.h), version 2: a version, then for each entry a
tag, permissions and an id, all little-endian.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping

from containerize.host.answer_parts import PREAMBLE
from inventory.transports.transport import Transport

ACCESS, DEFAULT = "system.posix_acl_access", "system.posix_acl_default"

Attributes = tuple[tuple[str, bytes], ...]

_TAGS = {"user": (0x01, 0x02), "group": (0x04, 0x08), "mask": (0x10, 0x10), "other": (0x20, 0x20)}
"""The tag without an id, and with one."""

_NO_ID = 0xFFFFFFFF
_ENTRY = re.compile(r"(default:)?(user|group|mask|other):([0-9]{0,10}):([r-])([w-])([x-])(?:\s+#effective:.*)?")
_OCTAL = re.compile(rb"\\([0-7]{3})")

COMMAND = f"{PREAMBLE}type getfacl >/dev/null 2>&1 || exit 0\nlow getfacl -npsP - 2>/dev/null || true"
"""Numbers, full names, and only files that have more than the usual three entries. Names are read from its input."""


def ask_access_lists(transport: Transport, paths: Iterable[str]) -> dict[str, Attributes]:
    """The attributes of those of ``paths`` that have a list; {} when the host has no getfacl. Raises HostError."""
    asked = frozenset(paths)
    names = [path.encode("utf-8", "surrogateescape") for path in sorted(asked) if "\n" not in path]
    if not names:
        return {}
    answer = transport.run(COMMAND, b"\n".join(names) + b"\n", timeout=300).stdout
    return {path: attributes for path, attributes in read_access_lists(answer) if path in asked}


def read_access_lists(answer: bytes) -> Iterator[tuple[str, Attributes]]:
    """(path, attributes) of each file in the output of ``getfacl -n``. A list with a line that cannot be read is left
    out whole: half of one would let in whom it keeps out.
    """
    for block in re.split(rb"\n\n+", answer):
        path, entries, known = "", list[tuple[bool, int, int, int]](), True
        for raw in block.split(b"\n"):
            if raw.startswith(b"# file: "):
                path = _OCTAL.sub(_byte, raw[8:]).decode("utf-8", "surrogateescape")
            elif raw and not raw.startswith(b"#"):
                entry = _entry(raw.decode("ascii", "replace"))
                known = known and entry is not None
                entries += [entry] if entry is not None else []
        if path and entries and known:
            attributes = [(ACCESS, _packed(entry for entry in entries if not entry[0]))]
            if any(entry[0] for entry in entries):
                attributes.append((DEFAULT, _packed(entry for entry in entries if entry[0])))
            yield path, tuple(attributes)


def _entry(line: str) -> tuple[bool, int, int, int] | None:
    """Whether it is a default, tag, id and permissions."""
    match = _ENTRY.fullmatch(line)
    if match is None:
        return None
    plain, named = _TAGS[match[2]]
    number = int(match[3]) if match[3] else _NO_ID
    if number > _NO_ID:
        return None
    permissions = sum(bit for bit, letter in zip((4, 2, 1), match.groups()[3:6], strict=True) if letter != "-")
    return bool(match[1]), named if match[3] else plain, number, permissions


def _packed(entries: Iterable[tuple[bool, int, int, int]]) -> bytes:
    rows = sorted((tag, number, permissions) for _, tag, number, permissions in entries)
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, mode, number) for tag, number, mode in rows)


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8) & 0xFF])


NONE: Mapping[str, Attributes] = {}
