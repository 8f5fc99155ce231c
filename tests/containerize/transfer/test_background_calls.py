"""Work beside whoever brings it: in its order, with little of it waiting, and nothing lost."""

from __future__ import annotations

import threading
import time

import pytest

from containerize.transfer.background_calls import Background


def test_calls_are_made_in_their_order_and_all_of_them() -> None:
    done: list[int] = []
    with Background("test", 100) as beside:
        for number in range(1000):
            beside.call(10, done.append, number)
    assert done == list(range(1000))


def test_no_more_than_asked_for_waits() -> None:
    """What was brought and is not done stays within the bound, also when the work is slower than who brings it."""
    waiting, most = 0, 0
    lock = threading.Lock()

    def work(size: int) -> None:
        nonlocal waiting
        time.sleep(0.001)
        with lock:
            waiting -= size

    with Background("test", 50) as beside:
        for _ in range(100):
            with lock:
                waiting += 10
            beside.call(10, work, 10)
            with lock:
                most = max(most, waiting)
    assert (waiting, most <= 50) == (0, True)


def test_what_went_wrong_is_raised_at_the_latest_at_the_end() -> None:
    def wrong() -> None:
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"), Background("test", 1 << 20) as beside:
        beside.call(1, wrong)


def test_what_had_arrived_is_done_when_the_block_is_left_by_an_error() -> None:
    done: list[int] = []
    with pytest.raises(ConnectionError), Background("test", 1 << 20) as beside:
        for number in range(10):
            beside.call(1, done.append, number)
        raise ConnectionError
    assert done == list(range(10))
