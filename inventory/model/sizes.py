"""The sizes of data directories."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class DirectorySize:
    """What the files beneath ``path`` take on the disk, in bytes, without other file systems mounted there."""

    path: str
    size_bytes: int
    origin: Origin
