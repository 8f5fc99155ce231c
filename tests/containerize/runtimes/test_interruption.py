"""Ctrl-C comes when nothing is half made, and it does come."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.pilot_owner import PilotId, is_dead, this_process


@pytest.fixture(autouse=True)
def default_handler() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_interruption_comes_after_the_block() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            time.sleep(0)
        done.append("made")
    assert done == ["made"]


def test_without_an_interruption_nothing_happens_and_handlers_are_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with uninterrupted():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_in_the_block_is_seen() -> None:
    with pytest.raises(ValueError, match="broken"), uninterrupted():
        raise ValueError("broken")


def test_other_threads_may_use_it() -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            with uninterrupted():
                pass
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert failures == []


def test_a_process_is_known_by_more_than_its_number() -> None:
    boot, namespace, pid, started = this_process().split("/")
    assert not is_dead(this_process())
    assert is_dead(f"{boot}/{namespace}/{pid}/{int(started) - 1}"), "the number was given to another process"
    assert is_dead(f"{boot}/{namespace}/4194000/1")
    assert is_dead(f"another-boot/{namespace}/{pid}/{started}")
    assert not is_dead(f"{boot}/1/{pid}/{started}"), "of another PID namespace nothing is known"
    assert not is_dead("something else")


def test_pilots_have_names_of_their_own() -> None:
    first, second = PilotId.new(), PilotId.new()
    assert first.id != second.id
    assert first.prefix == f"brownfield-{first.id}"
