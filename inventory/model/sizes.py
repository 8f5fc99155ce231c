"""The sizes of data directories."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class DirectorySize:
    """The disk usage of the files beneath ``path`` in bytes, without other file systems mounted there."""

    path: str
    size_bytes: int
    origin: Origin
