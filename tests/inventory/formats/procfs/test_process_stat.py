"""One line of /proc/PID/stat, whatever the process calls itself."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.procfs.process_stat import parse_stat
from inventory.section import ParseError

REST = b"S 7 8 9 34816 8 4194560 1 2 3 4 100 50 0 0 20 0 3 0 555 4096 1 " + b"0 " * 16 + b"2 0 0"


@given(st.binary(max_size=15).filter(lambda name: b"\0" not in name))
def test_a_name_may_hold_anything(name: bytes) -> None:
    """Parentheses, spaces, newlines and whole forged fields."""
    stat = parse_stat(b"42 (%s) " % name + REST)

    assert stat.name == name.decode("utf-8", "surrogateescape")
    assert (stat.pid, stat.state, stat.ppid, stat.session, stat.tty) == (42, "S", 7, 9, 34816)
    assert (stat.user_ticks, stat.system_ticks, stat.nice, stat.threads, stat.start) == (100, 50, 0, 3, 555)
    assert stat.policy == 2


def test_a_kernel_of_2005_has_fewer_fields() -> None:
    """Linux 2.6.9 ends before the policy."""
    stat = parse_stat(b"1 (init) S 0 0 0 0 -1 256 1 2 3 4 5 6 7 8 16 0 1 0 20 1900544 140 4294967295 0 0 0 0 0")

    assert stat.policy == 0
    assert not stat.kernel


@pytest.mark.parametrize(
    ("flags", "memory", "state", "kernel"),
    [(0x00208040, 0, "S", True), (0x8040, 0, "S", True), (0x400100, 4096, "S", False), (0x40000C, 0, "Z", False)],
)
def test_kernel_threads_are_known_by_flag_or_by_having_no_memory(
    flags: int, memory: int, state: str, kernel: bool
) -> None:
    """The flag came with 2.6.27. A zombie has no memory either and is no kernel thread."""
    line = f"2 (kthreadd) {state} 0 0 0 0 -1 {flags} 0 0 0 0 0 0 0 0 20 0 1 0 1 {memory} 0"
    assert parse_stat(line.encode()).kernel is kernel


@pytest.mark.parametrize("number", [b"18446744073709551615", b"-9223372036854775808"])
def test_numbers_have_64_bits(number: bytes) -> None:
    def line(start: bytes) -> bytes:
        return b"42 (serve) " + REST.replace(b" 555 ", b" %s " % start)

    assert parse_stat(line(number)).start == int(number)
    with pytest.raises(ParseError, match="that no kernel writes"):
        parse_stat(line(number + b"0"))


@given(st.binary(max_size=120))
def test_only_parse_errors_are_raised(content: bytes) -> None:
    with contextlib.suppress(ParseError):
        parse_stat(content)


def test_this_process_is_read() -> None:
    stat = parse_stat(Path("/proc/self/stat").read_bytes())

    assert (stat.pid, stat.ppid, stat.session) == (os.getpid(), os.getppid(), os.getsid(0))


def test_the_policy_is_the_kernels() -> None:
    """SCHED_BATCH is open to everyone."""
    command = ["python3", "-c", "import os; os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        path = Path(f"/proc/{process.pid}/stat")
        deadline = time.monotonic() + 20
        while (policy := parse_stat(path.read_bytes()).policy) == 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        process.communicate(b"\n")

    assert policy == os.SCHED_BATCH
