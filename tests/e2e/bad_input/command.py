"""The command as somebody meets it whose things go wrong, and what holds whatever goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ASSESS = Path(sys.executable).with_name("assess")
STOPPED = {128 + number for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

# Root that may not do what others may not do: files that are nobody's to read stay unread.
ORDINARY_ROOT = ("setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner")


@dataclass(frozen=True)
class Told:
    """What a command said and how it ended."""

    status: int
    output: str
    errors: str
    pid: int = 0

    @property
    def document(self) -> dict[str, Any]:
        """What it printed with ``--json``."""
        document = json.loads(self.output)
        assert isinstance(document, dict)
        return document

    @property
    def sentence(self) -> str:
        """The first thing it complained of, without the name of the program."""
        return self.errors.partition("\n")[0].removeprefix("assess: ")


def environment(workspace: Path | None, changes: dict[str, str]) -> dict[str, str]:
    """Nothing of whoever runs the tests changes what is seen."""
    unwanted = ("PYTHON", "ASSESS_", "ANSIBLE_", "COLUMNS", "NO_COLOR", "FORCE_COLOR", "TERM")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    if workspace is not None:
        kept["ASSESS_WORKSPACE"] = str(workspace)
    return kept | changes


def told(
    workspace: Path | None, *arguments: object, within: Sequence[str] = (), cwd: Path | None = None, **changes: str
) -> Told:
    """Run ``assess``; ``within`` is a command put before it, ``changes`` are variables of its environment."""
    process = subprocess.Popen(
        [*within, str(ASSESS), *map(str, arguments)],
        cwd=cwd or (workspace.parent if workspace else "/"),
        env=environment(workspace, changes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    output, errors = process.communicate(timeout=280)
    done = Told(process.returncode, output, errors, process.pid)
    keeps_its_word(done, arguments)
    return done


def keeps_its_word(done: Told, arguments: Sequence[object]) -> None:
    """What holds for every run, whatever happened."""
    assert done.status in {0, 1, 2, 3, *STOPPED}, done
    assert "Traceback" not in done.output + done.errors, done.errors
    assert all(each.isprintable() or each == "\n" for each in done.output + done.errors), done
    for line in done.errors.splitlines():
        assert line.startswith(("assess: ", "Usage: ", "Try '")), done.errors
    if "--json" in map(str, arguments):
        assert isinstance(done.document, dict)
        if "error" in done.document:
            assert set(done.document) == {"error"}
            assert f"assess: {done.document['error']}" in done.errors.splitlines()
    elif done.status in {2, *STOPPED}:
        assert done.output == ""
    if done.status != 0:
        assert done.errors or done.output, "it ended badly and said nothing"


@contextmanager
def running(workspace: Path, *arguments: object, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """A run that is under way, in a session of its own; ended with the block."""
    process = subprocess.Popen(
        [str(ASSESS), *map(str, arguments)],
        cwd=workspace.parent,
        env=environment(workspace, changes),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def interrupted(process: subprocess.Popen[str], number: signal.Signals, arguments: Sequence[object]) -> Told:
    """Send a signal to a run; what it said until its end."""
    assert process.poll() is None, process.communicate()
    process.send_signal(number)
    output, errors = process.communicate(timeout=60)
    done = Told(process.returncode, output, errors, process.pid)
    if number == signal.SIGKILL:
        assert done.status == -signal.SIGKILL
    else:
        assert done.status == 128 + number, done
        keeps_its_word(done, arguments)
    return done


def wait_until(true: Callable[[], object], process: subprocess.Popen[str] | None = None) -> None:
    """Wait for something that a run does."""
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline, "it never came to that"
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended before: {process.communicate()}")
        time.sleep(0.02)
