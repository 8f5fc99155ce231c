"""The programs crun and runc: preference, launching and error messages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from containerize.runtimes.bounded_command import Tail
from containerize.runtimes.runtime import RuntimeFailed

_START_SECONDS = 60.0
_LOG = "runtime.log"


def preferred_programs() -> tuple[str, ...]:
    """The quicker one first; but crun rejects the hybrid layout of control groups."""
    unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    return ("crun", "runc") if unified else ("runc", "crun")


def launch(command: Sequence[str], bundle: Path, identity: str) -> tuple[subprocess.Popen[bytes], int, Tail]:
    """Run a bundle: the process of the program, the number of the container's own, and what that writes.

    The container's control group stays after its end where the program can do that (runc 1.1, crun 1.5), until it is
    deleted: it says which limit ended it. ``command`` is the program with the options for all of its commands. Raises
    RuntimeFailed when it does not start.
    """
    log, pid_file = bundle / _LOG, bundle / "pid"
    for path in (log, pid_file):
        path.unlink(missing_ok=True)
    options = ["--bundle", str(bundle), "--pid-file", str(pid_file), *(["--keep"] if _keeps(command[0]) else [])]
    process = subprocess.Popen(
        [*command, "--log", str(log), "--log-format", "json", "run", *options, identity],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for us: we stop the containers in our own order
    )
    assert process.stdout is not None  # noqa: S101 - for the type checker
    tail = Tail(process.stdout)
    deadline = time.monotonic() + _START_SECONDS
    while not (pid := number_in(pid_file)) and process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            raise RuntimeFailed(f"did not start within {_START_SECONDS:.0f} s")
        time.sleep(0.01)
    if not pid:
        tail.finish(2)
        raise RuntimeFailed(last_error(bundle) or tail.last(2000).decode("utf-8", "replace").strip() or "it ended")
    return process, pid, tail


@cache
def _keeps(program: str) -> bool:
    done = subprocess.run([program, "run", "--help"], capture_output=True, text=True, check=False)
    return "--keep" in done.stdout


def number_in(path: Path) -> int:
    """The number in a file, 0 when it is not there yet."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0


def last_error(bundle: Path) -> str:
    """The last error that the program wrote down when it launched this bundle, "" for none."""
    words = ""
    try:
        lines = (bundle / _LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and entry.get("level") in ("error", "fatal"):
            words = str(entry.get("msg", ""))
    return words


def kill(pid: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to a process that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, number)
