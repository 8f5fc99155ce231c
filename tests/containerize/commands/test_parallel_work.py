"""Work in parallel: all of it is done, one error stops no other task, and Ctrl-C ends it in order."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from containerize.commands.parallel_work import default_jobs, in_turn, work_through


def test_all_tasks_are_done_by_as_many_threads_as_there_are_jobs() -> None:
    together = threading.Barrier(3)
    done = []

    def act(task: int) -> None:
        together.wait(10)
        done.append(task)

    work_through(range(6), act, 3, lambda: None, str)
    assert sorted(done) == list(range(6))
    assert 1 <= default_jobs() <= 4


def test_an_error_is_raised_when_all_others_have_ended() -> None:
    done = []

    def act(task: int) -> None:
        if task == 0:
            raise ValueError("first")
        done.append(task)

    with pytest.raises(ValueError, match="first"):
        work_through(range(5), act, 2, lambda: None, str)
    assert sorted(done) == [1, 2, 3, 4]


def test_ctrl_c_ends_what_runs_begins_nothing_and_tells_what_is_left() -> None:
    begun, stopped = [], threading.Event()

    def act(task: int) -> None:
        begun.append(task)
        if task == 1:
            os.kill(os.getpid(), signal.SIGINT)
            assert stopped.wait(10)

    with pytest.raises(KeyboardInterrupt) as interrupted:
        work_through(range(9), act, 1, stopped.set, lambda left: f"{left} left")
    assert begun == [0, 1]
    assert interrupted.value.__notes__ == ["8 left"]


def test_hosts_take_turns() -> None:
    assert in_turn(["a1", "a2", "a3", "b1", "c1", "c2"], lambda each: each[0]) == ["a1", "b1", "c1", "a2", "c2", "a3"]
