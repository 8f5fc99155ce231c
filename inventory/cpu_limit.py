"""A limit of CPU time for parsing and redacting the answer of a host.

In the main thread a timer of the process ends it, also within a regular expression, which checks for signals while it
runs. Other threads get no signals: a watchdog raises the end in them, which takes effect between two steps of Python; a
single call of the standard library is not interrupted there, and ends because every pattern is linear.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import ParamSpec, TypeVar

SECONDS = 10.0
"""CPU time of one section's parser, of its redaction, or of the search of one file. Real answers take a hundredth."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class CpuLimitExceeded(Exception):
    """The CPU time is over; ``str()`` names the limit."""


class _LimitReached(BaseException):
    """The same within the call: not an Exception, so that no parser takes it for a fault of one line."""


def limited(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call ``function``; raises TookTooLong after ``SECONDS`` of CPU. Within another call the outer limit holds."""
    if getattr(_local, "active", False):
        return function(*args, **kwargs)
    _local.active = True
    try:
        if threading.current_thread() is threading.main_thread():
            return _by_signal(lambda: function(*args, **kwargs))
        return _by_watchdog(lambda: function(*args, **kwargs))
    except _LimitReached:
        raise CpuLimitExceeded(f"it took more than {SECONDS:g} s of CPU") from None
    finally:
        _local.active = False


_local = threading.local()


def _by_signal(function: Callable[[], _T]) -> _T:
    end = time.thread_time() + SECONDS

    def ring(_number: int, _frame: FrameType | None) -> None:
        # Other threads of the process count for its timer, not for us.
        left = end - time.thread_time()
        if left > 0:
            signal.setitimer(signal.ITIMER_PROF, max(left, 0.01))
        else:
            raise _LimitReached

    before = signal.signal(signal.SIGPROF, ring)
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            return function()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    finally:
        signal.signal(signal.SIGPROF, before or signal.SIG_DFL)


class _Watch:
    """A call in a thread that is not the main one."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.clock = time.pthread_getcpuclockid(self.thread)
        self.end = time.thread_time() + SECONDS
        self.raised = False


class _Watchdog:
    """Looks after the calls of all threads of the process; its own thread begins with the first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watches: set[_Watch] = set()
        self._alive = False

    def begin(self) -> _Watch:
        watch = _Watch()
        with self._lock:
            self._watches.add(watch)
            if not self._alive:
                threading.Thread(target=self._look, name="assess-cpu-limit", daemon=True).start()
                self._alive = True
        return watch

    def end(self, watch: _Watch) -> None:
        """No exception of this watch comes after it."""
        try:
            with self._lock:
                self._watches.discard(watch)
            if watch.raised:
                # One that was announced must come. Taken back, it is looked for at every call for ever, and Python 3.11
                # never leaves the first call under a profiler.
                _raise_in(watch.thread, _LimitReached)
                while True:
                    time.sleep(0)
        except _LimitReached:
            pass

    def _look(self) -> None:
        while True:
            time.sleep(min(1.0, SECONDS / 4))
            with self._lock:
                # A thread takes its watch away before it ends, so that its clock is there.
                over = {watch for watch in self._watches if time.clock_gettime(watch.clock) >= watch.end}
                self._watches -= over
                for watch in over:
                    watch.raised = True
                    _raise_in(watch.thread, _LimitReached)


_watchdog = _Watchdog()


def _begin_anew() -> None:
    """A fork has none of the threads."""
    global _watchdog
    _watchdog = _Watchdog()
    _local.active = False


os.register_at_fork(after_in_child=_begin_anew)


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _by_watchdog(function: Callable[[], _T]) -> _T:
    dog = _watchdog
    watch = dog.begin()
    try:
        return function()
    finally:
        dog.end(watch)
