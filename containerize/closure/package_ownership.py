"""The package that owns each path, by the path's real name.

Packages name ``/lib/x`` where the host has ``/usr/lib/x`` behind a link, and a diversion puts a file elsewhere; all
that is settled once, here.
"""

from __future__ import annotations

from collections.abc import Mapping

from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import PackageDatabase


class PackageOwnership:
    """The index of a host. A directory usually has many owners, a file one."""

    def __init__(self, tree: HostTree, database: PackageDatabase) -> None:
        self._files: dict[str, tuple[tuple[str, str], ...]] = {}
        self._owners: dict[str, list[str]] = {}
        self._checksums: dict[str, str] = {}
        self._conffiles: set[str] = set()
        self._canonical: dict[str, str | None] = {}
        self._tree = tree
        for key, package in database.packages.items():
            files = []
            for path in package.files:
                real = self.canonical(database.place(key, path))
                if real is None or real not in tree:
                    continue  # not unpacked (path-exclude of dpkg), or removed by hand
                files.append((real, path))
                self._owners.setdefault(real, []).append(key)
                if digest := package.checksums.get(path):
                    self._checksums[real] = digest
                if path in package.conffiles or path in package.not_brought:
                    self._conffiles.add(real)
            self._files[key] = tuple(files)

    def canonical(self, path: str) -> str | None:
        """The real name of a path; its directory's links followed, its own not."""
        directory, _, name = path.rpartition("/")
        if not directory:
            return path
        if directory not in self._canonical:
            resolved = self._tree.resolve(directory)
            self._canonical[directory] = resolved.path.rstrip("/") if resolved else None
        real = self._canonical[directory]
        return None if real is None else f"{real}/{name}"

    def owners(self, path: str) -> tuple[str, ...]:
        """Keys of the packages that own a real path."""
        return tuple(self._owners.get(path, ()))

    def owner(self, path: str) -> str | None:
        """The first package that owns a real path; None when none does."""
        keys = self._owners.get(path)
        return keys[0] if keys else None

    def files(self, key: str) -> tuple[tuple[str, str], ...]:
        """(real path, path as the package names it) of everything of a package that is on the host."""
        return self._files.get(key, ())

    def owned_directories(self) -> Mapping[str, tuple[str, ...]]:
        """All directories that packages own, with their owners."""
        return {
            path: tuple(keys)
            for path, keys in self._owners.items()
            if (entry := self._tree.get(path)) is not None and entry.kind == "d"
        }

    def checksum(self, path: str) -> str | None:
        """The checksum with which a package shipped a real path, of whichever algorithm; None when no package says."""
        return self._checksums.get(path)

    def editable(self, path: str) -> bool:
        """Whether a real path is a configuration file of its package, or one that it owns and does not bring: what is
        in it is the host's.
        """
        return path in self._conffiles
