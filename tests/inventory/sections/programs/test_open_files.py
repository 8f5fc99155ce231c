"""Open files: modes, deleted files, sockets by inode, and names that lie."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from inventory.model.open_files import OpenFile
from inventory.observation import Found
from inventory.sections.programs.open_files import SECTION, parse
from inventory.sections.programs.processes import SECTION as PROCESSES
from tests.support import odd_processes
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded


def files(host: str) -> list[OpenFile]:
    """The files of a recording."""
    return list(found(SECTION, recorded(host, "open_files")))


def test_log_files_are_open_for_writing() -> None:
    """What rsyslogd and Apache write on web01."""
    written = {file.target for file in files("web01") if file.writable and file.target.startswith("/var/log")}

    assert {"/var/log/syslog", "/var/log/apache2/error.log"} <= written


def test_modes_and_inodes() -> None:
    shell = [file for file in files("busy01") if file.target == "/var/log/messages"]
    assert [(file.readable, file.writable, file.inode) for file in shell] == [(False, True, None)]
    sockets = [file for file in files("busy01") if file.target.startswith("socket:[")]
    assert all(file.readable and file.writable and file.inode for file in sockets)
    assert len(sockets) >= 2


def test_the_probes_own_files_are_left_out() -> None:
    """No process of the recording is one that only the probe ran."""
    processes = {process.pid for process in found(PROCESSES, recorded("trixie01", "processes"))}

    assert {file.pid for file in files("trixie01")} <= processes


def test_an_ordinary_user_sees_none_of_others_and_is_told() -> None:
    observation = parse(recorded("app01-user", "open_files"))

    assert isinstance(observation, Found)
    assert observation.value == ()
    assert [gap.what for gap in observation.gaps] == ["open files of 8 of 8 processes"]
    assert "become" in observation.gaps[0].reason


def test_with_sudo_all_are_seen() -> None:
    observation = parse(recorded("vm01-sudo", "open_files"))

    assert isinstance(observation, Found)
    assert observation.gaps == ()
    assert 1 in {file.pid for file in observation.value}


def test_a_file_that_reads_like_the_heading_of_another_process() -> None:
    """On the recorded host a file name pretends that a listing of process 1 begins: process 1 is not believed."""
    observation = parse(recorded("trixie01", "open_files"))

    assert isinstance(observation, Found)
    assert 1 not in {file.pid for file in observation.value}
    assert ["ambiguous" in gap.reason for gap in observation.gaps] == [True]


def test_watches_are_counted_without_what_is_of_the_group() -> None:
    """fanotify begins with a line of its own (proc_pid_fdinfo(5)); inotify has only watches."""
    fdinfo = """
/proc/8/fdinfo/3:flags:\t02000002
/proc/8/fdinfo/3:fanotify flags:10 event-flags:0
/proc/8/fdinfo/3:fanotify mnt_id:12 mflags:40 mask:38 ignored_mask:40000003
/proc/8/fdinfo/3:fanotify ino:4f9 sdev:800013 mflags:0 mask:3b ignored_mask:40000000
/proc/8/fdinfo/4:flags:\t00
/proc/8/fdinfo/4:inotify wd:1 ino:2 sdev:800013 mask:fce ignored_mask:0
"""
    fds = b"""/proc/8/fd:
total 0
lrwx------ 1 0 0 64 Nov 24 13:27 3 -> anon_inode:[fanotify]
lr-x------ 1 0 0 64 Nov 24 13:27 4 -> anon_inode:inotify
"""
    family = b"probe 9\n8 1 8 4194560 S 8 (scanner\n9 1 9 4194560 S 9 (sh\n"
    recording = answer("open_files", family=family, fds=fds, fdinfo=fdinfo.lstrip().encode())

    assert [(one.watches, one.flags) for one in found(SECTION, recording)] == [(2, 0o2000002), (1, 0)]


def test_live_odd_files(tmp_path: Path) -> None:
    with odd_processes.running(tmp_path) as pids:
        observation = parse(ask(SECTION)["open_files"])
    assert isinstance(observation, Found)
    mine = [file for file in observation.value if file.pid == pids["files"]]

    assert {f"{tmp_path}/plain file", f"{tmp_path}/two\nlines"} <= {file.target for file in mine}
    assert {file.pid for file in observation.value if file.target == "socket:[1]"} <= {pids["files"]}
    assert os.getpid() not in {file.pid for file in observation.value}, "what started the probe is part of it"


def test_a_deleted_file_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "gone"
    with path.open("w") as stream, subprocess.Popen(["sleep", "100"], stdout=stream) as process:
        path.unlink()
        value = found(SECTION, ask(SECTION)["open_files"])
        process.kill()

    (file,) = [file for file in value if file.pid == process.pid and file.descriptor == 1]
    assert (file.target, file.deleted, file.writable) == (str(path), True, True)


def test_descriptors_as_lsof_says(tmp_path: Path) -> None:
    """Which descriptors the odd processes have, one by one."""
    if shutil.which("lsof") is None:
        pytest.skip("lsof is not installed")
    with odd_processes.running(tmp_path) as pids:
        listed = ",".join(map(str, pids.values()))
        done = subprocess.run(["lsof", "-nP", "-F", "pf", "-p", listed], capture_output=True, text=True, check=False)
        value = found(SECTION, ask(SECTION)["open_files"])
    theirs: set[tuple[int, int]] = set()
    pid = 0
    for row in done.stdout.splitlines():
        if row.startswith("p"):
            pid = int(row[1:])
        elif row[1:].isdigit():
            theirs.add((pid, int(row[1:])))
    # one of them pretends to have a descriptor more, by a name with a newline
    believed = {file.pid for file in value} & set(pids.values()) - {pids["files"]}

    assert believed
    assert {(file.pid, file.descriptor) for file in value if file.pid in believed} == {
        each for each in theirs if each[0] in believed
    }
