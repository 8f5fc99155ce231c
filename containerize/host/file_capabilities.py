"""File capabilities: from the output of ``getcap`` to the extended attribute.

The binary form is vfs_cap_data of the kernel (include/uapi/linux/capability.h), version 2: a magic with the effective
bit, then permitted and inheritable, low words before high ones. Some hosts have getcap and nearly none has getfattr.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable

from assess.knowledge.capabilities import NAMES
from containerize.host.answer_parts import PREAMBLE
from containerize.host.file_tree import HostTree
from inventory.transports.transport import Transport

ATTRIBUTE = "security.capability"

_REVISION_2 = 0x02000000
_EFFECTIVE = 0x000001

_NUMBERS = {name.lower(): number for number, name in enumerate(NAMES)}

_CLAUSE = re.compile(r"([a-z_0-9,]*)([=+])([eip]*)$")


def of_programs(transport: Transport, tree: HostTree) -> dict[str, bytes] | None:
    """The attribute of each program in ``tree`` that has one; None when the host has no getcap.

    By name: ``getcap -r`` would enter what other machines serve, and wait for a dead one.
    """
    programs = (path for path in tree.paths() if (entry := tree.get(path)) and entry.kind == "f" and entry.mode & 0o111)
    stdin = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in sorted(programs))
    command = "type getcap >/dev/null 2>&1 || exit 0; echo yes; low xargs -0 getcap 2>/dev/null || true"
    answer = transport.run(f"{PREAMBLE}{command}", stdin, timeout=300).stdout.decode("utf-8", "surrogateescape")
    first, *lines = answer.split("\n")
    return read_getcap(lines) if first == "yes" else None


def read_getcap(lines: Iterable[str]) -> dict[str, bytes]:
    """Path to attribute from ``getcap -r``: ``/bin/ping cap_net_raw=ep``, and ``/bin/ping = cap_net_raw+ep`` of old."""
    found: dict[str, bytes] = {}
    for line in lines:
        path, separator, text = line.partition(" = ")
        if not separator:
            path, separator, text = line.rpartition(" ")
        value = encode(text)
        if separator and path.startswith("/") and value is not None:
            found[path] = value
    return found


def encode(text: str) -> bytes | None:
    """The attribute for ``cap_net_raw,cap_net_admin=ep``; None when it cannot be read."""
    permitted = inheritable = 0
    effective = False
    clauses = text.split()
    if not clauses:
        return None
    for clause in clauses:
        match = _CLAUSE.match(clause)
        if match is None:
            return None
        mask = 0
        for name in match[1].split(",") if match[1] else ():
            bare = name.removeprefix("cap_")
            if bare == "all":
                mask |= (1 << len(NAMES)) - 1
            elif bare in _NUMBERS:
                mask |= 1 << _NUMBERS[bare]
            else:
                return None
        permitted |= mask if "p" in match[3] else 0
        inheritable |= mask if "i" in match[3] else 0
        effective = effective or "e" in match[3]
    low, high = 0xFFFFFFFF, 32
    return struct.pack(
        "<IIIII",
        _REVISION_2 | (_EFFECTIVE if effective else 0),
        permitted & low,
        inheritable & low,
        permitted >> high,
        inheritable >> high,
    )
