"""Handle requests to stop alike: Ctrl-C, ``kill``, a closed terminal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(KeyboardInterrupt):
    """``kill`` or a closed terminal: whatever unwinds on Ctrl-C unwinds on this as well. ``number`` is the signal."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def exit_status(interruption: KeyboardInterrupt) -> int:
    """The exit status that shells and supervisors expect: 128 and the signal's number."""
    return 128 + (interruption.number if isinstance(interruption, Terminated) else signal.SIGINT)


@contextmanager
def termination_signals() -> Iterator[None]:
    """Within the block, SIGTERM and SIGHUP raise :class:`Ended` where they would cut the program off.

    What is ignored stays ignored: that is how ``nohup`` keeps a scan running after the terminal was closed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        raise Terminated(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    ours = [number for number, handler in before.items() if handler == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
