"""A copy that fills the disk is stopped."""

from __future__ import annotations

import threading

from containerize.pilot.disk_guard import DiskGuard
from containerize.runtimes.runtime import RuntimeFailed


def test_without_room_every_copy_is_stopped() -> None:
    stopped: list[str] = []
    both = threading.Event()

    def stop(container: str) -> None:
        stopped.append(container)
        if container == "first":
            raise RuntimeFailed("it has ended already")
        both.set()

    with DiskGuard(lambda: 0, stop, 0.01) as guard:
        guard.watch("first")
        guard.watch("second")
        assert both.wait(20)
    assert guard.full
    assert {"first", "second"} == set(stopped)


def test_with_room_or_without_an_answer_nothing_is_stopped() -> None:
    asked = threading.Semaphore(0)

    def room() -> int:
        asked.release()
        if len(answers) == 2:
            raise RuntimeFailed("the engine does not answer")
        answers.append(1)
        return 1

    answers: list[int] = []
    stopped: list[str] = []
    with DiskGuard(room, stopped.append, 0.01) as guard:
        guard.watch("copy")
        for _ in range(4):
            assert asked.acquire(timeout=20)
    assert not guard.full
    assert stopped == []


def test_a_fault_of_the_engine_does_not_end_the_watch() -> None:
    """An engine on a full disk answers with what no one expects, and the copies go on writing."""
    answers = iter([OSError("no space left"), ValueError("no JSON"), 0])
    stopped: list[str] = []
    second = threading.Event()

    def room() -> int:
        answer = next(answers, 0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(container: str) -> None:
        stopped.append(container)
        if container == "first":
            raise KeyError(container)
        second.set()

    with DiskGuard(room, stop, 0.01) as guard:
        guard.watch("first")
        guard.watch("second")
        assert second.wait(20)
    assert guard.full
