"""Files that no package owns, in the places where workloads keep theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class UnmanagedFile:
    """A file of no package. ``kind`` is ``file``, ``link``, ``directory`` (only where its contents are left out),
    ``socket``, ``pipe`` or ``device``; ``mode`` the twelve permission bits; ``modified`` seconds since the epoch (UTC).
    """

    path: str
    kind: str
    size_bytes: int
    uid: int
    gid: int
    mode: int
    modified: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class DirectorySummary:
    """All files of no package at any level below ``path``. ``newest``: the latest modification of any of them."""

    path: str
    files: int
    bytes: int
    newest: int


@dataclass(frozen=True)
class UnmanagedFiles:
    """``roots`` are the directories that were walked, local file systems only; ``files`` by path."""

    roots: tuple[str, ...]
    files: tuple[UnmanagedFile, ...]

    @cached_property
    def by_directory(self) -> tuple[DirectorySummary, ...]:
        """A summary for each directory, at most two levels below the root directory, by path."""
        sums: dict[str, list[int]] = {}
        for file in self.files:
            for directory in _above(file.path):
                entry = sums.setdefault(directory, [0, 0, 0])
                entry[0] += 1
                entry[1] += file.size_bytes
                entry[2] = max(entry[2], file.modified)
        return tuple(DirectorySummary(path, *sums[path]) for path in sorted(sums))

    @cached_property
    def privileged(self) -> tuple[UnmanagedFile, ...]:
        """The files with a bit of setuid or setgid, by which a program gains rights."""
        return tuple(file for file in self.files if file.kind == "file" and file.mode & 0o6000)

    def below(self, directory: str) -> Iterator[UnmanagedFile]:
        """The files anywhere below ``directory``."""
        top = directory.rstrip("/") + "/"
        return (file for file in self.files if file.path.startswith(top))


def _above(path: str) -> Iterator[str]:
    names = path.split("/")[1:-1]
    for level in range(1, min(len(names), 2) + 1):
        yield "/" + "/".join(names[:level])
