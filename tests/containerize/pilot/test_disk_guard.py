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
