"""The blobs that builds of this process fetch at the moment, so that two that need one fetch it once."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class BlobsInFlight:
    """Digests that a build fetches, and that others wait for."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._digests: set[str] = set()

    @contextmanager
    def claimed(self, digests: Iterable[str]) -> Iterator[frozenset[str]]:
        """Those of ``digests`` that no other build fetches; they are this one's within the block, arrived or not.

        Never wait within the block: a build that waits for others must hold nothing that they wait for.
        """
        with self._changed:
            ours = frozenset(digests) - self._digests
            self._digests |= ours
        try:
            yield ours
        finally:
            with self._changed:
                self._digests -= ours
                self._changed.notify_all()

    def wait(self, digests: Iterable[str]) -> None:
        """Wait until no build fetches any of them. They have arrived then, or whoever fetched them has given up."""
        wanted = frozenset(digests)
        with self._changed:
            self._changed.wait_for(lambda: not wanted & self._digests)


_STORES: dict[Path, BlobsInFlight] = {}
_LOCK = threading.Lock()


def blobs_in_flight(store: Path) -> BlobsInFlight:
    """Those of the content store at this place."""
    with _LOCK:
        return _STORES.setdefault(store.absolute(), BlobsInFlight())
