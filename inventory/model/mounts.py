"""Mounted file systems, exports and swap."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Mount:
    """A line of mountinfo. ``size_bytes`` and ``used_bytes`` are None for what was not asked (remote, pseudo).

    ``options`` are those of the mount and of the file system; ``root`` is the directory of the file system that is
    shown; ``device`` is MAJOR:MINOR ("" on kernels before 2.6.26), the number of a
    :class:`inventory.model.storage.BlockDevice` where one is behind it.
    """

    source: str
    target: str
    filesystem: str
    options: tuple[str, ...]
    root: str
    size_bytes: int | None
    used_bytes: int | None
    origin: Origin
    device: str = ""

    @property
    def bind(self) -> bool:
        """Whether it shows a directory of a file system at another place (a subvolume of btrfs is none)."""
        return self.root != "/" and self.filesystem not in _WITH_SUBVOLUMES

    @property
    def clustered(self) -> bool:
        """Whether several machines write to one disk at a time."""
        return self.filesystem in ("gfs", "gfs2", "ocfs2", "gpfs")

    @property
    def remote(self) -> bool:
        """Whether another machine serves it."""
        return self.filesystem in REMOTE_FILESYSTEMS or self.filesystem.startswith(("nfs", "fuse.sshfs"))


_WITH_SUBVOLUMES = frozenset({"btrfs", "bcachefs", "cgroup", "cgroup2", "proc", "sysfs", "nfs", "nfs4", "nsfs"})

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
        "gfs",
        "gfs2",
        "gpfs",
        "beegfs",
        "pvfs2",
        "coda",
        "fuse.ceph",
        "fuse.s3fs",
        "fuse.davfs",
        "davfs",
        "virtiofs",
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
class Export:
    """A directory that is served over NFS to ``client`` (a host, network, netgroup or ``*``), see exports(5)."""

    directory: str
    client: str
    options: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class AutomountEntry:
    """A line of a map of autofs, see auto.master(5) and autofs(5).

    Of the master map ``key`` is the mount point and ``location`` the map; of the others ``key`` is a name below a mount
    point (or a path, of direct maps) and ``location`` what is mounted there (``nas:/export/&``).
    """

    path: str
    key: str
    options: str
    location: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Swap:
    """An area of swap in use. ``kind`` is partition or file."""

    path: str
    kind: str
    size_bytes: int
    used_bytes: int
    priority: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Mounts:
    """Mounted file systems, entries of fstab and autofs, exports, and swap."""

    mounts: tuple[Mount, ...]
    fstab: tuple[FstabEntry, ...]
    exports: tuple[Export, ...] = ()
    automounts: tuple[AutomountEntry, ...] = ()
    swaps: tuple[Swap, ...] = ()

    @property
    def served(self) -> tuple[str, ...]:
        """Directories that other machines may mount."""
        return tuple(dict.fromkeys(export.directory for export in self.exports))
