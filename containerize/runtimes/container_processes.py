"""Processes and listening sockets of a container, read from /proc of this machine.

The same for every backend, so that no tool is needed inside of the image and no engine's formatting is in between.
"""

from __future__ import annotations

import ipaddress
import struct
from pathlib import Path

from containerize.runtimes.runtime import ContainerProcess

_LISTEN = "0A"
_UNCONNECTED = "07"


def container_processes(init: int) -> tuple[ContainerProcess, ...]:
    """The processes in the PID namespace of ``init`` (a pid of this machine), in the order of their numbers."""
    try:
        wanted = Path(f"/proc/{init}/ns/pid").stat().st_ino
    except OSError:
        return ()
    found = []
    for pid in sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        try:
            if Path(f"/proc/{pid}/ns/pid").stat().st_ino == wanted:
                found.append(_process(pid))
        except OSError:
            continue  # it ended, or it is not ours to look at
    return tuple(found)


def _process(pid: int) -> ContainerProcess:
    root = Path(f"/proc/{pid}")
    arguments = (root / "cmdline").read_bytes().decode("utf-8", "replace").rstrip("\0").split("\0")
    try:
        executable = str((root / "exe").readlink()).removesuffix(" (deleted)")
    except OSError:
        executable = ""
    uid = 0
    for line in (root / "status").read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("Uid:"):
            uid = int(line.split()[2])  # the effective one, as the inventory has it
            break
    return ContainerProcess(pid, executable, tuple(arguments), _inside(uid, (root / "uid_map").read_text("ascii")))


def _inside(uid: int, mapping: str) -> int:
    """The number that a uid of this machine has within a user namespace."""
    for line in mapping.splitlines():
        inner, outer, count = (int(field) for field in line.split())
        if outer <= uid < outer + count:
            return inner + uid - outer
    return uid


def listeners(pid: int) -> tuple[tuple[str, str, int], ...]:
    """(protocol, address, port) of what listens in the network namespace of ``pid``."""
    found: set[tuple[str, str, int]] = set()
    for protocol in ("tcp", "tcp6", "udp", "udp6"):
        try:
            text = Path(f"/proc/{pid}/net/{protocol}").read_text(encoding="ascii")
        except OSError:
            continue
        found.update(parse_listeners(protocol, text))
    return tuple(sorted(found))


def parse_listeners(protocol: str, text: str) -> list[tuple[str, str, int]]:
    """The listening lines of a file such as /proc/net/tcp."""
    wanted = _LISTEN if protocol.startswith("tcp") else _UNCONNECTED
    found = []
    for line in text.splitlines()[1:]:
        fields = line.split()
        if len(fields) > 3 and fields[3] == wanted:
            address, _, port = fields[1].partition(":")
            found.append((protocol, _address(address), int(port, 16)))
    return found


def _address(digits: str) -> str:
    """The kernel prints addresses as 32-bit numbers in the machine's own byte order."""
    words = [int(digits[at : at + 8], 16) for at in range(0, len(digits), 8)]
    return str(ipaddress.ip_address(struct.pack(f"={len(words)}I", *words)))
