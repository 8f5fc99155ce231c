"""Processes × threads of this machine as one ``concurrent.futures`` executor.

The standard library has threads (one processor's worth of Python) or processes (one task each). Asking a host is mostly
waiting, with some work on what it says, so each process here has many threads. With no processes at all the threads are
in this process: for few hosts that is quicker than starting any.

A process that has no other thread yet is forked: that costs no start and no second copy of what is imported. So workers
are best made before anything that starts threads, such as a progress bar. Otherwise a fork server is started.

All threads are daemons and all processes end with us, so that Ctrl-C ends a scan at once and not when its slowest host
answers.
"""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext, ForkContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

_Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
_Work = tuple[Future[Any], _Call]

_PRELOADED = ["inventory.scan.collect_host", "inventory.transports.ssh_client_choice"]


class WorkerLost(Exception):
    """A worker process ended in the middle of its work: killed, or out of memory."""


class Workers(Executor):
    """``processes`` (0: none but this one) with ``threads`` each."""

    def __init__(self, processes: int, threads: int) -> None:
        self._lock = threading.Lock()
        self._pending: deque[_Work] = deque()
        self._closed = False
        self._crews: list[_Crew] = []
        self._threads_queue: queue.SimpleQueue[_Work] = queue.SimpleQueue()
        if processes == 0:
            for number in range(threads):
                thread = threading.Thread(target=self._work_here, name=f"assess-{number}", daemon=True)
                thread.start()
        else:
            context = _context()
            gc.freeze()  # what is never collected is never written to, and stays shared with the processes
            for _ in range(processes):
                self._crews.append(_Crew(context, threads, self._advance, tuple(self._crews)))
            gc.unfreeze()
            for crew in self._crews:
                crew.listen()
        self._processes = processes

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See ``concurrent.futures.Executor``. With processes, everything given must be picklable."""
        future: Future[Any] = Future()
        work: _Work = (future, (fn, args, kwargs))
        if self._closed:
            raise RuntimeError("these workers were shut down")
        if self._processes == 0:
            self._threads_queue.put(work)
        else:
            with self._lock:
                self._pending.append(work)
            self._advance()
        return future

    def _work_here(self) -> None:
        while True:
            future, (function, args, kwargs) = self._threads_queue.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                result = function(*args, **kwargs)
            except BaseException as error:  # a future carries whatever its work raised
                future.set_exception(error)
            else:
                future.set_result(result)

    def _advance(self) -> None:
        """Give pending work to the crew with the most free threads, until none is free."""
        while True:
            with self._lock:
                alive = [crew for crew in self._crews if crew.free > 0]
                if not self._pending:
                    return
                if not alive:
                    if any(not crew.lost for crew in self._crews):
                        return
                    future, _ = self._pending.popleft()
                    lost = True
                else:
                    lost = False
                    future, call = self._pending.popleft()
                    crew = max(alive, key=lambda one: one.free)
                    if future.set_running_or_notify_cancel():
                        crew.start(future, call)
            if lost and future.set_running_or_notify_cancel():
                future.set_exception(WorkerLost("all worker processes have ended"))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End at once: running calls are abandoned, whatever ``wait`` is, since a host may not answer for minutes."""
        self._closed = True
        with self._lock:
            pending = list(self._pending)
            self._pending.clear()
        for future, _ in pending:
            future.cancel()
        for crew in self._crews:
            crew.end()


class _Crew:
    """One process and its threads, as the parent handles them."""

    def __init__(
        self, context: BaseContext, threads: int, freed: Callable[[], None], others: tuple[_Crew, ...]
    ) -> None:
        self._connection, theirs = context.Pipe()
        # A fork inherits our ends of all pipes; while it holds one, the other end does not learn that we have ended.
        ours = (self._connection, *(other._connection for other in others)) if isinstance(context, ForkContext) else ()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, threads, ours), daemon=True)  # type: ignore[attr-defined]
        self._process.start()
        theirs.close()
        self._running: dict[int, Future[Any]] = {}
        self._next = 0
        self._threads = threads
        self._freed = freed
        self.lost = False
        self._listener = threading.Thread(target=self._listen, name="assess-results", daemon=True)

    def listen(self) -> None:
        """Begin to take results."""
        self._listener.start()

    @property
    def free(self) -> int:
        """The number of further tasks that it takes now."""
        return 0 if self.lost else self._threads - len(self._running)

    def start(self, future: Future[Any], call: _Call) -> None:
        """Send a task over; called with the lock of the executor held."""
        self._next += 1
        self._running[self._next] = future
        try:
            self._connection.send((self._next, call))
        except (OSError, ValueError):
            self.lost = True
            if self._running.pop(self._next, None) is not None:
                future.set_exception(WorkerLost("a worker process ended"))
        except Exception as error:  # it cannot be pickled
            del self._running[self._next]
            future.set_exception(error)

    def _listen(self) -> None:
        try:
            while True:
                number, failed, outcome = self._connection.recv()
                future = self._running.pop(number, None)
                if future is None:
                    continue
                if failed:
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)
                self._freed()
        except (EOFError, OSError):
            self.lost = True
            while self._running:
                _, future = self._running.popitem()
                future.set_exception(WorkerLost("a worker process ended: killed, or out of memory"))
            self._freed()

    def end(self) -> None:
        """End the process and everything in it."""
        self._process.terminate()
        self._process.join(2.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        # Closed under a thread that reads it, its number could be another file's by the time of the read.
        self._listener.join(5.0)
        if not self._listener.is_alive():
            self._connection.close()


def _context() -> BaseContext:
    """A fork of this process has everything imported and shares its memory; one with threads may not be forked, since
    a lock that another thread holds would never be released in the fork.
    """
    # The kernel's list, since libraries start threads too.
    if sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1:
        for name in _PRELOADED:
            importlib.import_module(name)
        return multiprocessing.get_context("fork")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def _serve(connection: Connection, threads: int, theirs: tuple[Connection, ...]) -> None:
    """The life of a worker process; it ends when the other end of ``connection`` does, however that comes.

    ``theirs``: ends of pipes that are not ours, though we have them.
    """
    for other in theirs:
        other.close()
    # Ctrl-C goes to the whole group; only the coordinator decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    waiting: queue.SimpleQueue[tuple[int, _Call]] = queue.SimpleQueue()
    sending = threading.Lock()

    def work() -> None:
        while True:
            number, (function, args, kwargs) = waiting.get()
            try:
                answer = (number, False, function(*args, **kwargs))
            except Exception as error:  # a future carries whatever its work raised
                answer = (number, True, error)
            with sending:
                try:
                    connection.send(answer)
                except OSError:
                    os._exit(1)
                except Exception as error:  # it cannot be pickled
                    connection.send((number, True, WorkerLost(f"a result could not be sent: {type(error).__name__}")))

    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()
    try:
        while True:
            waiting.put(connection.recv())
    except (EOFError, OSError):
        os._exit(0)
