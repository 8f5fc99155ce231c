"""Directories in which services keep what they must not lose, and the programs that no package brought."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory under /var/lib, /srv, /opt, /var/www … down to a fixed depth. ``mode`` is numeric (0o755)."""

    path: str
    uid: int
    gid: int
    mode: int
    origin: Origin
