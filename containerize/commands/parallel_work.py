"""Work on many workloads at once, in threads: one failure or one slow host does not hold up the others."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import zip_longest
from typing import TypeVar

import click

_T = TypeVar("_T")

_WAKE = 0.5
"""Seconds after which the main thread looks up: a signal reaches Python only when it runs."""


def default_jobs() -> int:
    """As many as there are processors, at most 4: more only wait for the same disk and network."""
    return max(1, min(4, len(os.sched_getaffinity(0))))


jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Number of workloads to work on at once. [default: number of processors, at most 4]",
)


def work_through(
    tasks: Sequence[_T], act: Callable[[_T], None], jobs: int, stop: Callable[[], None], undone: Callable[[int], str]
) -> None:
    """Call ``act`` for each task in up to ``jobs`` threads, in the order of the tasks.

    On Ctrl-C no further task begins, ``stop`` makes those that run end, and the interruption is raised with what
    ``undone`` returns for the number of tasks that did not end by themselves. An exception that ``act`` raises is
    raised when all have ended.
    """
    stopped = threading.Event()
    ended: list[_T] = []

    def one(task: _T) -> None:
        if not stopped.is_set():
            act(task)
            if not stopped.is_set():
                ended.append(task)

    with ThreadPoolExecutor(jobs, thread_name_prefix="assess-work") as pool:
        running: set[Future[None]] = {pool.submit(one, task) for task in tasks}
        failed: BaseException | None = None
        try:
            while running:
                done, running = wait(running, _WAKE, FIRST_COMPLETED)
                for each in done:
                    failed = failed or each.exception()
        except KeyboardInterrupt as interruption:
            stopped.set()
            left = len(tasks) - len(ended)
            stop()
            interruption.add_note(undone(left))
            raise
    if failed is not None:
        raise failed


def in_turn(tasks: Iterable[_T], host: Callable[[_T], str]) -> list[_T]:
    """The tasks with those of different hosts in turn, so that several hosts work at once."""
    hosts: dict[str, list[_T]] = {}
    for task in tasks:
        hosts.setdefault(host(task), []).append(task)
    return [task for row in zip_longest(*hosts.values()) for task in row if task is not None]
