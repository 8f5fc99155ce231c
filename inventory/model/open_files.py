"""Files, sockets and pipes that processes hold open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inventory.observation import Origin

FileKind = Literal["file", "device", "socket", "pipe", "fifo", "memfd", "kernel object"]

_NO_DEVICES = ("/dev/shm/", "/dev/mqueue/", "/dev/hugepages/")  # noqa: S108 - compared, not written


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A descriptor. ``target`` is the link's text (``/var/log/x``, ``socket:[123]``, ``pipe:[9]``, ``anon_inode:…``)
    without the kernel's mark for deleted files.

    ``readable`` and ``writable`` come from the link's permission bits; ``deleted``: the file has no name any more;
    ``fifo``: a named pipe is at its path. A deep scan also has the ``flags`` of open(2) (Linux numbers of the host's
    architecture) and how many ``watches`` an inotify or fanotify descriptor has; else None.
    """

    pid: int
    descriptor: int
    target: str
    readable: bool
    writable: bool
    deleted: bool
    origin: Origin
    fifo: bool = False
    flags: int | None = None
    watches: int | None = None

    @property
    def kind(self) -> FileKind:
        """Its kind, as far as the name shows it; everything with a path is a file unless it is a device or a known
        FIFO.
        """
        target = self.target
        if not target.startswith("/"):
            if target.startswith("socket:["):
                return "socket"
            if target.startswith("pipe:["):
                return "pipe"
            if self.kernel_object:
                return "kernel object"
        elif self.deleted and target.startswith("/memfd:"):
            return "memfd"
        if self.fifo:
            return "fifo"
        return "device" if target.startswith("/dev/") and not target.startswith(_NO_DEVICES) else "file"

    @property
    def kernel_object(self) -> str:
        """``eventpoll``, ``inotify``, ``io_uring``, ``fanotify``, ``eventfd`` … for descriptors without a file; else
        "".
        """
        if not self.target.startswith("anon_inode:"):
            return ""
        return self.target.removeprefix("anon_inode:").strip("[]")

    @property
    def inode(self) -> int | None:
        """The inode of a socket or pipe, else None."""
        if not self.target.startswith(("socket:[", "pipe:[")) or not self.target.endswith("]"):
            return None
        number = self.target[self.target.index("[") + 1 : -1]
        return int(number) if number.isdigit() else None
