"""Hashes of a host's packaged files that builds of one command share: all services of a host need the same base."""

from __future__ import annotations

import threading

from containerize.checksums import Algorithm
from containerize.host.file_tree import FileEntry


class KnownHashes:
    """Hashes of one host. Hold ``lock`` from looking up to adding, so that no file is hashed by two builds.

    A hash holds for a file of the same size and time. It is used for files of packages alone, which a service does not
    write; content that is fetched has to fit it all the same.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._hashes: dict[tuple[Algorithm, str], tuple[int, int, str]] = {}

    def get(self, algorithm: Algorithm, path: str, entry: FileEntry | None) -> str | None:
        """The hash of a file as it was listed; None when it is not known."""
        known = self._hashes.get((algorithm, path))
        if known is None or entry is None or known[:2] != (entry.size, entry.mtime):
            return None
        return known[2]

    def add(self, algorithm: Algorithm, path: str, entry: FileEntry | None, digest: str) -> None:
        """Remember a hash."""
        if entry is not None:
            self._hashes[algorithm, path] = entry.size, entry.mtime, digest
