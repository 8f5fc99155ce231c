"""Requests to end, as signals of our own process."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from assess.signals import Terminated, exit_status, termination_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_end_unwinds_as_control_c_does(number: signal.Signals) -> None:
    # Whoever runs the tests under nohup has it ignored.
    before = signal.signal(number, signal.SIG_DFL)
    cleaned = False
    with pytest.raises(KeyboardInterrupt) as caught, termination_signals():
        try:
            os.kill(os.getpid(), number)
            signal.sigtimedwait([], 5)  # the handler runs before the next line does
        finally:
            cleaned = True
    assert cleaned
    assert exit_status(caught.value) == 128 + number
    assert signal.signal(number, before) == signal.SIG_DFL


def test_the_status_is_the_one_that_shells_give() -> None:
    assert exit_status(KeyboardInterrupt()) == 130
    assert exit_status(Terminated(signal.SIGTERM)) == 143


def test_nohup_keeps_us_running() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with termination_signals():
            os.kill(os.getpid(), signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_nothing_is_changed() -> None:
    seen: list[object] = []

    def run() -> None:
        with termination_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [before]
