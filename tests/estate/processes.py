"""Finds, starts and ends the estate's processes on this machine.

Each carries a mark in its environment, so that the process table itself says what runs: no file of process ids can be
out of date or name a process of someone else, and what a killed run left behind is found like everything else.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from tests.estate.errors import EstateError
from tests.estate.places import CHECKOUT

Role = Literal["host", "forwarder", "switch"]

_MARK = "BROWNFIELD_ESTATE_PROCESS"


@dataclass(frozen=True)
class EstateProcess:
    """One process that this package started, by this or an earlier run."""

    pid: int
    role: str
    host: str
    checkout: Path


def running() -> list[EstateProcess]:
    """All processes of the estate of this machine. One within a container here is another machine's."""
    mark = f"{_MARK}=".encode()
    ours = Path("/proc/self/ns/pid").readlink()
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            environment = (folder / "environ").read_bytes()
            if mark not in environment or (folder / "ns/pid").readlink() != ours:
                continue
        except OSError:
            continue  # it ended meanwhile, or belongs to someone whose processes we may not see
        for variable in environment.split(b"\0"):
            if variable.startswith(mark):
                role, host, checkout = os.fsdecode(variable[len(mark) :]).split(":", 2)
                found.append(EstateProcess(int(folder.name), role, host, Path(checkout)))
    return found


def start(role: Role, host: str, argv: Sequence[str], *, errors: Path, answers: bool = True) -> subprocess.Popen[bytes]:
    """Start a process that outlives us; with ``answers`` it can be talked to through its standard streams."""
    environment = {"PATH": os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"), _MARK: f"{role}:{host}:{CHECKOUT}"}
    with errors.open("ab") as log:
        # setsid forks: the process does not become our child, so nobody has to wait for it.
        return subprocess.Popen(
            ["setsid", "--fork", *argv],
            stdin=subprocess.PIPE if answers else subprocess.DEVNULL,
            stdout=subprocess.PIPE if answers else log,
            stderr=log,
            env=environment,
            cwd="/",
        )


def answer(process: subprocess.Popen[bytes], what: str, log: Path) -> str:
    """The next line that a started process writes."""
    assert process.stdout is not None
    line = process.stdout.readline().decode("utf-8", "replace").strip()
    if not line:
        raise EstateError(f"{what} did not start: {last_words(log)}")
    return line


def close(streams: Iterable[IO[bytes] | None]) -> None:
    """Close our ends of a started process' streams."""
    for stream in streams:
        if stream is not None:
            stream.close()


def last_words(log: Path) -> str:
    """The end of a log, for an error message."""
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else f"it said nothing (log: {log})"


def child_of(parents: Iterable[int]) -> dict[int, int]:
    """The child of each process that has one; for the `unshare` of a host this is the host's init."""
    wanted = set(parents)
    return {parent: pid for pid, parent in _parents().items() if parent in wanted}


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    status = _status(pid)
    return status is not None and status[1] not in "ZX"


def end(processes: Iterable[EstateProcess]) -> None:
    """Kill processes and wait until they, and the init processes below them, are gone."""
    pids = {process.pid for process in processes}
    # A host's init carries no mark. Its namespaces are only gone when it is.
    pids |= set(child_of(pids).values())
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    deadline = time.monotonic() + 30
    while remaining := [pid for pid in pids if alive(pid)]:
        if time.monotonic() > deadline:
            raise EstateError(f"Processes {remaining} do not end; look at them with ps, then try again.")
        time.sleep(0.02)


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").iterdir():
        status = _status(int(folder.name)) if folder.name.isdigit() else None
        if status:
            found[int(folder.name)] = status[0]
    return found


def _status(pid: int) -> tuple[int, str] | None:
    """Parent and state of a process."""
    try:
        # The name, in parentheses, may hold anything, parentheses too.
        state, parent = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return int(parent), state
