"""Processes are read as the kernel shows them; these are our own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.knowledge.capabilities import NAMES
from containerize.host.answer_parts import ask
from containerize.host.process_listing import EXECUTABLES_PART, parts, read_processes, running_executables
from containerize.profile.expectations import extra_capabilities
from inventory.transports.transport import Transport

_SLEEPER = (
    "import signal,time; signal.signal(signal.SIGTERM, lambda *_: None); print('ready', flush=True); time.sleep(60)"
)


def test_a_process_is_what_it_is(here: Transport, tmp_path: Path) -> None:
    (tmp_path / "held open").write_bytes(b"")
    with (tmp_path / "held open").open("rb") as held:
        process = subprocess.Popen(
            [sys.executable, "-c", _SLEEPER, "an argument\nof two lines"],
            cwd=tmp_path,
            env={"A": "1", "B": "two\nlines", "PATH": "/bin"},
            stdin=held,
            stdout=subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            process.stdout.readline()
            answers = ask(here, {**EXECUTABLES_PART, **parts([process.pid])})
        finally:
            process.kill()
            process.communicate()
    (found,) = read_processes(answers, [process.pid])
    assert found.executable == os.path.realpath(sys.executable)
    assert running_executables(answers["executables"])[process.pid] == found.executable
    assert found.working_directory == str(tmp_path)
    assert found.arguments[-1] == b"an argument\nof two lines"
    assert set(found.environment) >= {b"A=1", b"B=two\nlines", b"PATH=/bin"}
    assert (found.uid, found.gid, found.ppid) == (os.geteuid(), os.getegid(), os.getpid())
    assert str(tmp_path / "held open") in found.opened
    assert found.executable in found.mapped
    assert found.handles(signal.SIGTERM)
    assert not found.handles(signal.SIGHUP)
    assert "nofile" in {name for name, _, _ in found.limits}


def test_a_process_that_has_gone_is_no_process(here: Transport) -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    assert read_processes(ask(here, parts([process.pid])), [process.pid]) == ()


@pytest.mark.parametrize("fd", [0, 1, 77], ids=["of an open file", "of another open file", "of no open file"])
def test_a_file_name_with_a_newline_is_not_another_open_file(here: Transport, tmp_path: Path, fd: int) -> None:
    """Any user of a host can hold such a file open, and the disk would have been passed to the container."""
    forged = tmp_path / f"x\nlr-x------ 1 0 0 64 Dec  1 00:00 {fd} -> " / "dev"
    forged.mkdir(parents=True)
    (forged / "sda").write_bytes(b"")
    with (forged / "sda").open("rb") as held:
        process = subprocess.Popen(
            [sys.executable, "-c", _SLEEPER], stdin=held, stdout=subprocess.PIPE, cwd=tmp_path, env={"PATH": "/bin"}
        )
        try:
            assert process.stdout is not None
            process.stdout.readline()
            answers = ask(here, {**EXECUTABLES_PART, **parts([process.pid])})
        finally:
            process.kill()
            process.communicate()
    assert f" {fd} -> /dev/sda\n".encode() in answers[f"{process.pid}.fd"], "the listing looks as if it were open"
    (found,) = read_processes(answers, [process.pid])
    assert "/dev/sda" not in found.opened


def test_a_secret_in_the_environment_is_not_in_the_repr(here: Transport) -> None:
    answers = {
        "7.status": b"Name:\tx\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n",
        "7.links": b"lrwxrwxrwx 1 0 0 0 Jan  1 00:00 /proc/7/exe -> /bin/x\n",
        "7.environ": b"PASSWORD=hunter2\0",
        "7.cmdline": b"x\0--password=hunter2\0",
    }
    (found,) = read_processes(answers, [7])
    assert found.environment == (b"PASSWORD=hunter2",)
    assert "hunter2" not in repr(found)


def test_a_capability_mask_of_all_ones_is_a_need_and_has_names_only() -> None:
    answers = {
        "7.status": b"Name:\tx\nUid:\t33\t33\t33\t33\nCapEff:\tffffffffffffffff\n",
        "7.links": b"lrwxrwxrwx 1 0 0 0 Jan  1 00:00 /proc/7/exe -> /bin/x\n",
    }
    claimed = extra_capabilities(read_processes(answers, [7]))
    assert set(claimed) <= {f"CAP_{name}" for name in NAMES}


def test_a_link_that_is_listed_twice_is_not_believed() -> None:
    lines = b"lrwxrwxrwx 1 0 0 0 Jan  1 00:00 /proc/7/exe -> /bin/x\n"
    lines += b"lrwxrwxrwx 1 0 0 0 Jan  1 00:00 /proc/7/exe -> /etc/shadow\n"
    answers = {"7.status": b"Name:\tx\nUid:\t33\t33\t33\t33\n", "7.links": lines}
    assert read_processes(answers, [7]) == ()
    assert running_executables(lines) == {}


@given(
    st.dictionaries(st.sampled_from([f"7.{name}" for name in ("status", "links", "maps", "fd", "limits")]), st.binary())
)
def test_no_answer_raises(answers: dict[str, bytes]) -> None:
    read_processes(answers, [7])


def test_a_name_with_a_newline_makes_no_process_another_program(tmp_path: Path) -> None:
    """A build would take the files of whatever process claims to be the service."""
    forged = f"x\nlrwxrwxrwx 1 0 0 0 Nov 24 13:00 /proc/{os.getpid()}/exe -> /usr/sbin"
    folder = tmp_path / forged
    folder.mkdir(parents=True)
    program = folder / "apache2"
    shutil.copy2(shutil.which("sleep") or "/bin/sleep", program)
    with subprocess.Popen([program, "100"], cwd=folder) as process:
        listing = subprocess.run(
            ["ls", "-ln", f"/proc/{process.pid}/exe", f"/proc/{os.getpid()}/exe"], capture_output=True, check=True
        ).stdout
        own = subprocess.run(
            ["ls", "-ln", f"/proc/{process.pid}/exe", f"/proc/{process.pid}/cwd"], capture_output=True, check=True
        ).stdout
        process.kill()
    assert "/usr/sbin/apache2" not in running_executables(listing).values()
    claimed = own.replace(b"/proc/%d/exe -> /usr/sbin" % os.getpid(), b"/proc/%d/exe -> /usr/sbin" % process.pid)
    answers = {f"{process.pid}.links": claimed, f"{process.pid}.status": b"Uid:\t0\t0\t0\t0\n"}
    assert read_processes(answers, [process.pid]) == ()
