"""Stop the copies of a pilot before they fill this machine's disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

INTERVAL = 2.0
"""Seconds between two measurements."""


class DiskGuard:
    """Measures as long as it is entered. ``room`` returns the bytes that copies may still write; ``stop`` ends one."""

    def __init__(self, room: Callable[[], int], stop: Callable[[str], object], interval: float = INTERVAL) -> None:
        self.full = False
        self._room = room
        self._stop = stop
        self._interval = interval
        self._watched: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._measure, name="assess-disk-guard", daemon=True)

    def __enter__(self) -> DiskGuard:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join(30)

    def watch(self, container: str) -> None:
        """Stop this container too when there is no room left."""
        self._watched.append(container)

    def _measure(self) -> None:
        while not self._over.wait(self._interval):
            try:
                if self._room() > 0:
                    continue
            except Exception:  # noqa: S112 - an engine that does not answer now may do so the next time
                continue
            self.full = True
            for container in tuple(self._watched):
                with suppress(Exception):  # the next copy must be stopped all the same
                    self._stop(container)
