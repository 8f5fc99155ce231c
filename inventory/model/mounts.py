"""Mounted file systems."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of mountinfo. ``size_bytes`` and ``used_bytes`` are None for what was not asked (remote, pseudo)."""

    source: str
    target: str
    filesystem: str
    options: tuple[str, ...]
    root: str
    size_bytes: int | None
    used_bytes: int | None
    origin: Origin

    @property
    def remote(self) -> bool:
        """Whether another machine serves it."""
        return self.filesystem in REMOTE_FILESYSTEMS or self.filesystem.startswith(("nfs", "fuse.sshfs"))


REMOTE_FILESYSTEMS = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "9p",
        "ceph",
        "glusterfs",
        "fuse.glusterfs",
        "lustre",
        "gfs2",
        "ocfs2",
    }
)


@dataclass(frozen=True, slots=True)
class FstabEntry:
    """A line of /etc/fstab."""

    source: str
    target: str
    filesystem: str
    options: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Mounts:
    """What is mounted, and what fstab says."""

    mounts: tuple[Mount, ...]
    fstab: tuple[FstabEntry, ...]
