"""What a real host is expected to show of a rule."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.assess.reality.machine import WANTED as WANTED_OF_CONTAINERS


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding that a host of the estate shows while its odd services run.

    ``family`` is the kind of thing in the field's words, ``subject`` the host or workload that the finding is about.
    ``evidence`` is a regular expression that must be found in the fact or in the line of a piece of evidence that was
    read on the host. ``wants`` names what this machine must have for it (a key of :data:`WANTED`); "" for nothing.
    """

    family: str
    rule: str
    subject: str
    evidence: str
    wants: str = ""


def _can(*kind: int) -> bool:
    try:
        socket.socket(*kind).close()
    except OSError:
        return False
    return True


def _real_time() -> bool:
    chrt = shutil.which("chrt")
    return (
        chrt is not None and subprocess.run([chrt, "-f", "1", "true"], check=False, capture_output=True).returncode == 0
    )


WANTED: Mapping[str, tuple[str, Callable[[], bool]]] = {
    **WANTED_OF_CONTAINERS,
    "tun": ("this machine has no /dev/net/tun", lambda: Path("/dev/net/tun").exists()),
    "iptables": ("this kernel has no iptables", lambda: Path("/proc/net/ip_tables_names").exists()),
    "AF_XDP": ("this kernel has no AF_XDP", lambda: _can(44, socket.SOCK_RAW)),
    "UDP-Lite": (
        "this kernel has no UDP-Lite",
        lambda: _can(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE),
    ),
    "huge pages": (
        "this machine reserves no huge pages for a test",
        lambda: (
            os.access("/proc/sys/vm/nr_hugepages", os.W_OK)
            and Path("/sys/kernel/mm/hugepages/hugepages-2048kB").exists()
        ),
    ),
    "real time": ("this machine refuses real-time scheduling", _real_time),
    "vm": ("no QEMU on this machine", lambda: shutil.which("qemu-system-x86_64") is not None),
}
"""Key: (why a case is left out, whether the machine has it)."""
