"""The process that owns a pilot, and whether it is still alive.

A pilot that was killed cannot clean up. Everything it made names the process that made it, and the next run removes
what belongs to dead ones. A process is known by the boot, the PID namespace, its number and the tick it started at,
because a number alone is used again.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

NAME_PREFIX = "brownfield-"
"""Begins the name of everything that a pilot makes on this machine."""


@dataclass(frozen=True, slots=True)
class PilotId:
    """``id`` is short and unique; ``owner`` names the process (see :func:`this_process`)."""

    id: str
    owner: str

    @classmethod
    def new(cls) -> PilotId:
        """A new pilot of this process."""
        return cls(secrets.token_hex(4), this_process())

    @property
    def prefix(self) -> str:
        """The prefix of all names that it creates."""
        return f"{NAME_PREFIX}{self.id}"


def this_process() -> str:
    """``boot/PID namespace/pid/start tick`` of this process."""
    return f"{_boot()}/{_namespace()}/{os.getpid()}/{_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Whether the process that this names has certainly ended. False when that cannot be told from here."""
    pieces = owner.split("/")
    if len(pieces) != 4 or not pieces[2].isdigit():
        return False
    boot, namespace, pid, started = pieces
    if boot != _boot():
        return True
    if namespace != _namespace():
        return False
    return _started(int(pid)) != started


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _namespace() -> str:
    return str(Path("/proc/self/ns/pid").stat().st_ino)


def _started(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "gone"
    # The name in parentheses may hold anything; field 22 is the 20th behind it.
    return text.rpartition(")")[2].split()[19]
