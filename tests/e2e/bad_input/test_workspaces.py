"""Workspaces that cannot be written, are something else, are in use, or are full."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.bad_input.command import ORDINARY_ROOT, running, told, wait_until
from tests.estate.bad_hosts import silent_host

pytestmark = pytest.mark.live

root = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
COMMANDS = (("report",), ("export", "--json"), ("build", "here/web"), ("pilot", "here/web"))


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """An inventory of this machine alone."""
    (tmp_path / "hosts.ini").write_text("here ansible_connection=local\n")
    return tmp_path / "hosts.ini"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own. ``resize`` makes it larger."""
    (tmp_path / "disk").mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=700", "test", tmp_path / "disk"], check=True)
    yield tmp_path / "disk"
    subprocess.run(["umount", "--lazy", tmp_path / "disk"], check=True)


def fill(disk: Path, leave: int = 0) -> Path:
    """A file that takes all room but ``leave`` bytes."""
    filler = disk / "filler"
    state = os.statvfs(disk)
    room = state.f_bavail * state.f_frsize - leave
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, room // 4096 * 4096))
    return filler


def test_nothing_can_be_asked_of_a_workspace_without_a_scan(tmp_path: Path) -> None:
    for command in COMMANDS:
        done = told(tmp_path / "nowhere", *command)
        assert done.status == 3
        assert done.sentence.startswith(f"there is no workspace at {tmp_path}/nowhere; run: assess scan hosts.ini")
    (tmp_path / "photos").mkdir()
    done = told(tmp_path / "photos", "report")
    assert (done.status, done.sentence) == (3, "there is no scan in this workspace yet; run: assess scan hosts.ini")
    assert list((tmp_path / "photos").iterdir()) == []


def test_a_workspace_that_is_a_file_or_has_another_database(tmp_path: Path, hosts: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = told(tmp_path / "file", "scan", hosts)
    assert (done.status, done.sentence) == (
        3,
        f"{tmp_path}/file is not a folder; choose another with --workspace",
    )
    assert (tmp_path / "file").read_text() == "mine"
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "assessment.db").write_bytes(os.urandom(5000))
    before = (tmp_path / "ws" / "assessment.db").read_bytes()
    for command in (("scan", hosts, "--json"), ("report",)):
        done = told(tmp_path / "ws", *command)
        assert done.status == 3
        assert done.sentence.endswith("assessment.db is not a database of assess; move it away and scan again")
    assert (tmp_path / "ws" / "assessment.db").read_bytes() == before


@root
def test_a_workspace_that_may_not_be_read_or_written(tmp_path: Path, hosts: Path) -> None:
    workspace = tmp_path / "workspace"
    assert told(workspace, "scan", hosts).status == 0
    for path in (workspace, *workspace.rglob("*")):  # they belong to somebody else, who lets us read
        os.chown(path, 65534, 65534)
        path.chmod(0o755)
    for command in (("scan", hosts), ("report",)):
        done = told(workspace, *command, within=ORDINARY_ROOT)
        words = f"{workspace} belongs to user 65534, not to you; choose another folder with --workspace"
        assert (done.status, done.sentence) == (3, words)
    workspace.chmod(0)
    done = told(workspace, "report", within=ORDINARY_ROOT, cwd=tmp_path)
    assert (done.status, done.sentence) == (3, f"the workspace {workspace} cannot be read; it belongs to another user")


def test_a_folder_that_was_removed_under_us(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    done = told(None, "rules", "--json", cwd=tmp_path / "gone", within=("sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh"))
    assert done.status == 3
    assert done.sentence.startswith("the folder that you are in does not exist any more; change to another")


def test_two_runs_at_once_on_one_workspace(tmp_path: Path) -> None:
    with silent_host() as (address, port):
        (tmp_path / "hosts.ini").write_text(f"silent ansible_host={address} ansible_port={port} ansible_user=root\n")
        arguments = ("scan", tmp_path / "hosts.ini", "--connect-timeout", "60")
        with running(tmp_path / "ws", *arguments) as first:
            wait_until(lambda: (tmp_path / "ws" / "lock").exists() and (tmp_path / "ws" / "lock").read_text(), first)
            second = told(tmp_path / "ws", *arguments, "--json")
            assert second.status == 3
            assert second.document["error"].startswith(f"process {first.pid} is writing to the workspace")
            assert first.poll() is None, "the first one goes on"


@root
def test_a_scan_on_a_full_disk_goes_on_when_there_is_room(disk: Path, hosts: Path) -> None:
    workspace = disk / "workspace"
    filler = fill(disk, leave=200_000)
    done = told(workspace, "scan", hosts)
    assert done.status == 3
    # Which file finds no room first is a matter of some kilobytes.
    assert re.search("no space left|the disk is full or reports errors", done.sentence, re.IGNORECASE), done.sentence
    filler.unlink()
    done = told(workspace, "scan", hosts)
    assert done.status == 0, done.errors


@root
def test_a_report_for_which_there_is_no_room_does_not_hide_what_was_found(disk: Path, hosts: Path) -> None:
    workspace = hosts.parent / "workspace"
    workspace.mkdir(mode=0o700)
    (workspace / "report").symlink_to(disk)
    filler = fill(disk)
    done = told(workspace, "scan", hosts)
    assert done.status == 1
    assert done.sentence.startswith("the report cannot be written to") and "No space left on device" in done.sentence
    assert done.output.startswith("Host ")
    assert "Report:" not in done.output
    done = told(workspace, "scan", hosts, "--json")
    assert (done.status, done.document["report"], len(done.document["hosts"])) == (1, None, 1)
    filler.unlink()
    assert told(workspace, "report").status == 0


def test_output_that_finds_no_room_or_no_reader(tmp_path: Path) -> None:
    command = f"{shutil.which('env')} -i PATH=/usr/bin:/bin {told.__globals__['ASSESS']}"
    full = subprocess.run(
        ["sh", "-c", f"{command} rules --json > /dev/full"], capture_output=True, text=True, check=False
    )
    assert full.returncode == 3
    assert full.stderr.startswith("assess: no space left for what the output goes to; make room")
    assert "Traceback" not in full.stderr
    for reader in ("head -1", "true"):
        piped = subprocess.run(
            ["sh", "-c", f"{command} rules --json | {reader}"], capture_output=True, text=True, check=False
        )
        assert (piped.returncode, piped.stderr) == (0, "")
    closed = subprocess.run(["sh", "-c", f"{command} rules >&-"], capture_output=True, text=True, check=False)
    assert "Traceback" not in closed.stderr
