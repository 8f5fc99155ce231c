"""Processes × threads behave as one executor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from inventory.scan.workers import WorkerLost, Workers


@pytest.fixture(params=[0, 2], ids=["threads", "processes"])
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    with Workers(request.param, 4) as workers:
        yield workers


@pytest.fixture
def processes() -> Iterator[Workers]:
    with Workers(2, 3) as workers:
        yield workers


def test_results_come_back(workers: Workers) -> None:
    futures = [workers.submit(divmod, number, 7) for number in range(60)]
    assert [future.result(30) for future in futures] == [divmod(number, 7) for number in range(60)]


def test_exceptions_come_back(workers: Workers) -> None:
    with pytest.raises(ZeroDivisionError):
        workers.submit(divmod, 1, 0).result(30)
    assert workers.submit(divmod, 7, 2).result(30) == (3, 1)


def interval() -> tuple[float, float]:
    began = time.monotonic()
    time.sleep(1.0)
    return began, time.monotonic()


@pytest.mark.live
def test_work_is_done_at_the_same_time(workers: Workers) -> None:
    intervals = [future.result(30) for future in [workers.submit(interval) for _ in range(4)]]
    assert max(began for began, _ in intervals) < min(ended for _, ended in intervals)


def test_processes_are_other_processes(processes: Workers) -> None:
    pids = {processes.submit(os.getpid).result(30) for _ in range(8)}
    assert os.getpid() not in pids


@pytest.mark.live
def test_a_killed_process_costs_only_what_it_did(processes: Workers) -> None:
    pid = processes.submit(os.getpid).result(30)
    futures = [processes.submit(time.sleep, 1.0) for _ in range(6)]
    os.kill(pid, signal.SIGKILL)
    outcomes = [type(future.exception(30)) for future in futures]
    assert outcomes.count(WorkerLost) == 3
    assert outcomes.count(type(None)) == 3
    assert processes.submit(os.getpid).result(30) != pid


@pytest.mark.live
def test_when_all_processes_are_gone_nothing_waits_for_ever(processes: Workers) -> None:
    pids: set[int] = set()
    while len(pids) < 2:
        pids |= {future.result(30) for future in [processes.submit(os.getpid) for _ in range(6)]}
    futures = [processes.submit(time.sleep, 30) for _ in range(20)]
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert all(isinstance(future.exception(30), WorkerLost) for future in futures)


def test_what_cannot_be_sent_is_an_error_of_its_own_future(processes: Workers) -> None:
    assert processes.submit(lambda: None).exception(30) is not None
    assert isinstance(processes.submit(threading.Lock).exception(30), WorkerLost)
    assert processes.submit(divmod, 7, 2).result(30) == (3, 1)


def test_what_has_not_begun_can_be_cancelled(workers: Workers) -> None:
    for _ in range(8):
        workers.submit(time.sleep, 0.5)
    last = workers.submit(os.getpid)
    assert last.cancel()


@pytest.mark.live
@pytest.mark.parametrize("processes", [0, 2])
def test_the_end_waits_for_nobody(processes: int) -> None:
    """Ends the program with work under way, and leaves no process behind."""
    code = f"""
import os, time
from inventory.scan.workers import Workers
if __name__ == "__main__":
    workers = Workers({processes}, 2)
    print(workers.submit(os.getpid).result(), flush=True)
    for _ in range(9):
        workers.submit(time.sleep, 600)
    workers.shutdown(wait=False, cancel_futures=True)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    assert not os.path.exists(f"/proc/{done.stdout.strip()}")  # noqa: PTH110


_SERVED = "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()"


@pytest.mark.parametrize(("before", "forked"), [("", True), (_SERVED, False)], ids=["alone", "beside a thread"])
def test_only_a_process_without_threads_is_forked(before: str, forked: bool) -> None:
    code = f"""
import os, threading, time
from inventory.scan.workers import Workers
if __name__ == "__main__":
    {before}
    workers = Workers(2, 2)
    print(os.getpid() == workers.submit(os.getppid).result())
    workers.shutdown()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout.strip(), done.stderr) == (str(forked), "")


@pytest.mark.live
@pytest.mark.parametrize("before", ["", _SERVED], ids=["forked", "served"])
def test_workers_end_when_we_are_killed(before: str) -> None:
    """All of them, though each fork has our end of the pipe of the one before."""
    code = f"""
import os, threading, time
from inventory.scan.workers import Workers
if __name__ == "__main__":
    {before}
    workers = Workers(3, 1)
    workers.submit(os.getpid).result()
    print(*[crew._process.pid for crew in workers._crews], flush=True)
    for _ in range(3):
        workers.submit(time.sleep, 600)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        workers = process.stdout.readline().split()
        process.kill()
    assert len(workers) == 3
    deadline = time.monotonic() + 20
    while any(lives(int(worker)) for worker in workers):
        assert time.monotonic() < deadline, "a worker lives on"
        time.sleep(0.1)


def lives(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
