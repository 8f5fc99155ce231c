"""What processes hold open."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A descriptor. ``target`` is the link's text (``/var/log/x``, ``socket:[123]``, ``pipe:[9]``, ``anon_inode:…``)
    without the kernel's mark for deleted files.

    ``readable`` and ``writable`` come from the link's permission bits; ``deleted`` says that the file has no name
    any more.
    """

    pid: int
    descriptor: int
    target: str
    readable: bool
    writable: bool
    deleted: bool
    origin: Origin

    @property
    def inode(self) -> int | None:
        """The inode of a socket or pipe, else None."""
        for kind in ("socket:[", "pipe:["):
            if self.target.startswith(kind) and self.target.endswith("]"):
                number = self.target[len(kind) : -1]
                return int(number) if number.isdigit() else None
        return None
