"""Work on a host ends with its connection, however that ends, and leaves no process behind."""

from __future__ import annotations

import contextlib
import os
import pty
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.host.supervised_command import watched
from tests.support.shells import SHELLS

SCRIPTED = {name: [word for word in words if word != "-s"] + ["-c"] for name, words in SHELLS.items()}
WORK = "low sh -c 'sleep 86400 & sleep 86400' | cat"
"""It says nothing, so no broken pipe ends it, and it has processes below others."""


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> list[str]:
    words = SCRIPTED[request.param]
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    return words


@pytest.fixture
def mark() -> Iterator[dict[str, str]]:
    """An environment by which processes are found again; whatever is left of them is ended."""
    environment = {"PATH": "/usr/bin:/bin", "BF_TEST": uuid.uuid4().hex}
    yield environment
    for pid in running(environment):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def running(mark: dict[str, str]) -> dict[int, str]:
    """The processes with that environment, with what they run. A zombie has none."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"BF_TEST={mark['BF_TEST']}".encode() in (process / "environ").read_bytes():
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


def none_left(mark: dict[str, str], seconds: float) -> dict[int, str]:
    deadline = time.monotonic() + seconds
    while (left := running(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def begun(mark: dict[str, str]) -> None:
    """Both long sleeps run."""
    deadline = time.monotonic() + 30
    while sum("86400" in words and words.startswith("sleep") for words in running(mark).values()) < 2:
        assert time.monotonic() < deadline, running(mark)
        time.sleep(0.02)


def test_input_output_and_status_are_those_of_the_work(shell: list[str], mark: dict[str, str]) -> None:
    script = watched("tr a-z A-Z; echo more; (exit 7)", sign_of_life=True)
    done = subprocess.run([*shell, script], input=b"words\n", capture_output=True, env=mark, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, b"WORDS\nmore\n", b"")
    assert running(mark) == {}, "when the shell has ended, so has everything that it started"


def test_nothing_is_left_however_soon_the_work_ends(shell: list[str], mark: dict[str, str]) -> None:
    for number in range(20):
        script = watched(f"sleep 0.{number:02}", sign_of_life=True)
        assert subprocess.run([*shell, script], env=mark, stdin=subprocess.DEVNULL, check=False).returncode == 0
        assert running(mark) == {}


def test_it_ends_when_the_server_has_lost_the_client(shell: list[str], mark: dict[str, str]) -> None:
    """As sshd does it without a terminal: it ends, and nobody sends a signal."""
    server = subprocess.Popen(["dash", "-c", '"$@"; :', "sshd", *shell, watched(WORK)], env=mark, stdin=subprocess.PIPE)
    begun(mark)
    server.kill()
    server.wait()
    assert none_left(mark, 20) == {}


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_it_ends_by_a_signal(number: signal.Signals, shell: list[str], mark: dict[str, str]) -> None:
    process = subprocess.Popen([*shell, watched(WORK)], env=mark, stdin=subprocess.DEVNULL)
    begun(mark)
    process.send_signal(number)
    process.wait(20)
    assert none_left(mark, 20) == {}


def test_it_ends_with_its_terminal(shell: list[str], mark: dict[str, str]) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(shell[0], [*shell, watched(WORK)], mark)  # noqa: S606 - in the child, on its terminal
    begun(mark)
    os.close(terminal)
    os.waitpid(pid, 0)
    assert none_left(mark, 20) == {}


def test_it_ends_when_its_shell_is_killed(shell: list[str], mark: dict[str, str]) -> None:
    process = subprocess.Popen([*shell, watched(WORK)], env=mark, stdin=subprocess.DEVNULL)
    begun(mark)
    process.kill()
    process.wait()
    assert none_left(mark, 20) == {}
