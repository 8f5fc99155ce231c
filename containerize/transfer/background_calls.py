"""Calls in a background thread, in order, with bounded waiting data.

Hashing, compressing and writing leave the interpreter to others, so that the next bytes are read meanwhile.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self

_P = ParamSpec("_P")


class Background:
    """Calls that are made in their own thread. ``most`` bytes may wait there; a call that brings more waits.

    Leaving the block waits for all of them, also when it is left by an error: what had arrived is done.
    """

    def __init__(self, name: str, most: int) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._most = most
        self._waiting: deque[tuple[int, Future[object]]] = deque()
        self._size = 0

    def call(self, size: int, act: Callable[_P, object], *args: _P.args, **kwargs: _P.kwargs) -> None:
        """Have ``act`` called, which holds ``size`` bytes until it is done. Raises what an earlier call raised."""
        self._waiting.append((size, self._thread.submit(act, *args, **kwargs)))
        self._size += size
        self._wait(self._most)

    def finish(self) -> None:
        """Wait until everything is done; raises what a call raised."""
        self._wait(-1)

    def _wait(self, most: int) -> None:
        while self._waiting and self._size > most:
            size, done = self._waiting.popleft()
            self._size -= size
            done.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.finish()
        finally:
            self._thread.shutdown()
