"""A probe ends with its connection, also in the middle of a question that hangs, and leaves no process behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.observation import Absent
from inventory.platforms import Platform
from inventory.probe.script import compose
from inventory.section import Section, Variant
from tests.support.live import NONCE

HANGS = r"""
bf_hang() { /bin/sleep 86400 & /bin/sleep 86400; }
part hanging bf_hang
"""
SECTION: Section[str] = Section(
    "hanging", "hangs", (Variant(Platform.POSIX, HANGS, lambda _: Absent("x"), seconds=600),)
)


@pytest.fixture
def mark() -> Iterator[dict[str, str]]:
    """An environment by which processes are found again; whatever is left of them is ended."""
    environment = {"PATH": "/usr/bin:/bin", "BF_TEST": uuid.uuid4().hex}
    yield environment
    for pid in running(environment):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def running(mark: dict[str, str]) -> dict[int, str]:
    """The processes with that environment, with what they run."""
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


def test_it_ends_when_the_server_has_lost_the_client(shell: list[str], mark: dict[str, str]) -> None:
    script = compose([SECTION], NONCE)
    server = subprocess.Popen(
        ["dash", "-c", '"$@"; :', "sshd", *shell], env=mark, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    assert server.stdin is not None
    server.stdin.write(script.encode())
    server.stdin.close()
    deadline = time.monotonic() + 30
    while sum("86400" in words for words in running(mark).values()) < 2:
        assert time.monotonic() < deadline, running(mark)
        time.sleep(0.02)
    server.kill()
    server.wait()
    assert none_left(mark, 20) == {}


def test_nothing_is_left_when_it_has_answered(shell: list[str], mark: dict[str, str]) -> None:
    quick: Section[str] = Section("quick", "", (Variant(Platform.POSIX, "part x echo", lambda _: Absent("x")),))
    for _ in range(10):
        subprocess.run(shell, input=compose([quick], NONCE).encode(), env=mark, capture_output=True, check=True)
        assert running(mark) == {}
