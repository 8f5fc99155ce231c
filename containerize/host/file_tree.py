"""The files of a host from one listing: names and metadata, no contents.

With the whole listing here, symbolic links, search paths and "does it exist" cost nothing, where asking the host for
each would cost a round trip.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

MAX_LINKS = 40
"""As many links as the kernel follows before it says ELOOP."""


class FileEntry(NamedTuple):
    """One path. ``kind`` is find's letter: f, d, l, or what an image does not hold (b, c, p, s).

    ``mode`` is without the type; ``mtime`` in whole seconds; ``blocks`` are 512 bytes on disk (-1 unknown); ``inode``
    is ``device:number``, "" unless the file has several names; ``link`` is the target of a symbolic link.
    """

    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    mtime: int
    blocks: int
    inode: str
    link: str

    @property
    def sparse(self) -> bool:
        """Whether it claims at least a gigabyte more than it has on disk."""
        return self.blocks >= 0 and self.size - self.blocks * 512 > 1 << 30


class ResolvedPath(NamedTuple):
    """A resolved path: ``path`` without any link in it, and the ``links`` that were followed."""

    path: str
    links: tuple[str, ...]


class HostTree:
    """The listing. ``pruned`` are directories that were not looked into, with the reason; ``notes`` say what else is
    missing in it or changed.
    """

    def __init__(
        self, entries: Mapping[str, FileEntry], pruned: Mapping[str, str] | None = None, notes: Iterable[str] = ()
    ) -> None:
        self.notes = tuple(notes)
        self._entries = dict(entries)
        self.pruned = dict(pruned or {})
        self._children: dict[str, list[str]] = {}
        for path in self._entries:
            if path != "/":
                self._children.setdefault(posixpath.dirname(path), []).append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, path: str) -> FileEntry | None:
        """The entry at exactly this path, links not followed."""
        return self._entries.get(path)

    def note_size(self, path: str, size: int) -> None:
        """A file was found to have another size than when it was listed."""
        self._entries[path] = self._entries[path]._replace(size=size)

    def paths(self) -> Iterator[str]:
        """All paths."""
        return iter(self._entries)

    def symlinks(self) -> Iterator[tuple[str, str]]:
        """All symbolic links with their targets as written."""
        return ((path, entry.link) for path, entry in self._entries.items() if entry.kind == "l")

    def children(self, directory: str) -> list[str]:
        """The paths directly in ``directory``."""
        return self._children.get(directory, [])

    def below(self, directory: str, *, skip: Iterable[str] = ()) -> Iterator[str]:
        """Everything under ``directory``, parents first, in a fixed order; directories in ``skip`` are left out."""
        left_out = frozenset(skip)
        stack = sorted(self.children(directory), reverse=True)
        while stack:
            path = stack.pop()
            if path in left_out:
                continue
            yield path
            if self._entries[path].kind == "d":
                stack.extend(sorted(self.children(path), reverse=True))

    def canonical(self, path: str) -> ResolvedPath | None:
        """The real name of a path: links on the way are followed, the last part is not. None when the way is broken."""
        return self._follow(path, last=False)

    def resolve(self, path: str) -> ResolvedPath | None:
        """A path with every link followed; None when it dangles, loops or is not in the listing."""
        return self._follow(path, last=True)

    def _follow(self, path: str, *, last: bool) -> ResolvedPath | None:
        if not path.startswith("/"):
            return None
        links: list[str] = []
        todo = [part for part in reversed(path.split("/")) if part not in ("", ".")]
        at = ""
        followed = 0
        while todo:
            part = todo.pop()
            if part == "..":
                at = at.rpartition("/")[0]
                continue
            here = f"{at}/{part}"
            entry = self._entries.get(here)
            if entry is None:
                return None
            if entry.kind == "l" and (last or todo):
                followed += 1
                if followed > MAX_LINKS:
                    return None
                links.append(here)
                if entry.link.startswith("/"):
                    at = ""
                todo.extend(part for part in reversed(entry.link.split("/")) if part not in ("", "."))
                continue
            at = here
        return ResolvedPath(at or "/", tuple(links))

    def find_program(self, name: str, search: Iterable[str]) -> str | None:
        """The first executable file ``name`` in the directories of ``search``, as it is called there."""
        if "/" in name or not name:
            return None
        for directory in search:
            path = f"{directory.rstrip('/')}/{name}"
            real = self.resolve(path)
            entry = self._entries.get(real.path) if real else None
            if entry is not None and entry.kind == "f" and entry.mode & 0o111:
                return path
        return None

    def parents(self, path: str) -> list[str]:
        """The directories above ``path``, from the top, without the root."""
        parts = path.split("/")[1:-1]
        return ["/" + "/".join(parts[: index + 1]) for index in range(len(parts))]
