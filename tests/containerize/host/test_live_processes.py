"""A service that was restarted since the scan is found again, and nobody else is taken for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from assess.model import Workload
from containerize.host.file_survey import live_processes
from inventory.transports.transport import Transport
from tests.containerize.closure.pretend_host import make_workload
from tests.support.snapshots import HostBuilder

PYTHON = os.path.realpath(sys.executable)
NOBODY = 2**22 + 1  # no machine gives this pid
SLEEP = "import sys,time; print('up', flush=True); time.sleep(60)"


@contextmanager
def running(*arguments: str) -> Iterator[int]:
    """A Python with these arguments, of which the first is how it is called."""
    with subprocess.Popen(
        arguments, executable=PYTHON, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        if len(arguments) == 1:  # told on standard input what to do, as one that shows a title is not told in arguments
            started.stdin.write(SLEEP)
            started.stdin.close()
        started.stdout.readline()
        try:
            yield started.pid
        finally:
            started.kill()


def seen(*arguments: str) -> Workload:
    """What the scan saw: a main process that is gone by now."""
    main = HostBuilder().process(NOBODY, PYTHON, arguments=arguments, uid=os.geteuid())
    return replace(make_workload(), processes=(main,), main_pid=NOBODY)


def test_a_restarted_program_is_known_by_its_arguments(here: Transport) -> None:
    with running("python", "-c", SLEEP, "other"), running("python", "-c", SLEEP, "shop") as pid:
        (found,) = live_processes(here, seen("python", "-c", SLEEP, "shop"))
    assert found.pid == pid


def test_a_secret_argument_may_be_another_one_now(here: Transport) -> None:
    with running("python", "-c", SLEEP, "--password=x") as pid:
        (found,) = live_processes(here, seen("python", "-c", SLEEP, "--password=<redacted:ab>"))
    assert found.pid == pid


def test_another_program_of_the_same_interpreter_is_not_taken_for_it(here: Transport) -> None:
    with running("<img src=x onerror=alert(1)>"), running("python", "-c", SLEEP):
        assert live_processes(here, seen("python", "-c", SLEEP, "shop")) == ()
        assert live_processes(here, seen("shopd: waiting")) == ()


def test_a_title_may_say_something_else_by_now(here: Transport) -> None:
    with running("shopd: busy") as pid:
        (found,) = live_processes(here, seen("shopd: waiting"))
    assert found.pid == pid
