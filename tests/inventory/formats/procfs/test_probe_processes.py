"""The probe leaves itself out of what it reports, and nobody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.procfs.probe_processes import Relative, other_processes, probe_processes
from inventory.section import ParseError
from tests.support.recordings import answer


def test_over_ssh() -> None:
    """sshd stays: it is a process of a service. Its child, the login shell, and the probe go."""
    family = [
        Relative(1, 0, 1, "systemd"),
        Relative(300, 1, 300, "sshd"),
        Relative(400, 300, 400, "sshd"),
        Relative(401, 400, 401, "bash"),
        Relative(402, 401, 401, "sh"),
        Relative(403, 402, 401, "head"),
        Relative(404, 402, 401, "sh"),
        Relative(405, 404, 401, "grep"),
        Relative(500, 1, 500, "nginx"),
    ]
    assert probe_processes(402, family) == {401, 402, 403, 404, 405}


def test_through_sudo_with_a_terminal_of_its_own() -> None:
    family = [
        Relative(1, 0, 1, "init"),
        Relative(400, 1, 400, "sshd"),
        Relative(401, 400, 401, "sh"),
        Relative(402, 401, 401, "sudo"),
        Relative(403, 402, 403, "sudo"),
        Relative(404, 403, 403, "sh"),
    ]
    assert probe_processes(404, family) == {401, 402, 403, 404}


def test_pid_1_is_never_the_probe() -> None:
    """In a container PID 1 may share the session of what was started in it."""
    assert probe_processes(7, [Relative(1, 0, 1, "sh"), Relative(7, 1, 1, "sh"), Relative(8, 1, 1, "app")]) == {7}


def test_what_came_later_is_left_out_with_the_probe() -> None:
    """The tools of a section start after the list was made, so that the list is what counts."""
    recording = answer(
        "open_files",
        family=b"probe 10\n1 0 1 4194560 S 1 (init\n2 0 0 2129984 S 2 (kthreadd\n10 1 10 4194304 S 10 (sh\n"
        b"11 10 10 4194304 R 11 (sed\n12 1 12 4194304 S 12 (a b\n13 1 13 4227084 Z 13 (gone\n14 1 14 4194304 S 9 (y\n",
    )
    assert other_processes(recording) == {1, 12, 14}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 3)), max_size=12), st.integers(0, 9))
def test_loops_end(rows: list[tuple[int, int, int]], probe: int) -> None:
    """Parents may have been replaced between two lines; a loop of them must not hang us."""
    assert probe in probe_processes(probe, [Relative(pid, ppid, session, "sudo") for pid, ppid, session in rows])


def test_who_ended_meanwhile_is_nobody_that_was_missed() -> None:
    family = b"probe 10\n1 0 1 4194560 S 1 (init\n10 1 10 4194304 S 10 (sh\n12 1 12 4194304 S 12 (short\n"
    assert other_processes(answer("open_files", family=family, still=b"/proc/1 /proc/10 /proc/99\n")) == {1}
    assert other_processes(answer("open_files", family=family, still=b"")) == {1, 12}, "the answer ended before"
    with pytest.raises(ParseError, match="still:1"):
        other_processes(answer("open_files", family=family, still=b"/proc/1 /etc/passwd\n"))


def test_few_processes_come_as_the_kernel_lists_them() -> None:
    """With names that hold blanks, parentheses and newlines; neither a kernel thread nor a zombie is missed."""

    def line(pid: int, name: str, state: str, parent: int, session: int, flags: int = 0) -> str:
        rest = f"{state} {parent} {pid} {session} 0 -1 {flags} " + "0 " * 12 + "7 4096 1 " + "0 " * 28
        return "".join(f"/proc/{pid}/stat:{piece}\n" for piece in f"{pid} ({name}) {rest.strip()}".split("\n"))

    family = "".join((
        line(1, "init", "S", 0, 1), line(2, "kthreadd", "S", 0, 0, 0x200000), line(40, "a) S 1 (\nb", "S", 1, 40),
        line(41, "gone", "Z", 1, 41), line(50, "sshd", "S", 1, 50), line(51, "sh", "S", 50, 51),
        line(52, "grep", "R", 51, 51),
    ))  # fmt: skip

    assert other_processes(answer("libraries", family=f"probe 51\n{family}".encode())) == {1, 40, 50}
    with pytest.raises(ParseError):
        other_processes(answer("libraries", family=b"probe 51\n/proc/1/stat:1 (init) S\n"))
