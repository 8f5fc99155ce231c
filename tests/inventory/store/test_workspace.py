"""The workspace: private, one writer, and its faults are one sentence each."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.errors import WorkspaceError
from inventory.host import Host
from inventory.store.workspace import Workspace, safe_name

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small file system")


def test_a_new_workspace_is_closed_to_others(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        workspace = Workspace.create(tmp_path / "a" / "b")
        workspace.store().close()
        with workspace.lock():
            pass
    finally:
        os.umask(old)
    assert workspace.path.stat().st_mode & 0o777 == 0o700
    for file in workspace.path.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_folder_with_other_things_in_it_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "hosts.ini").touch()
    Workspace.create(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "redaction.key").stat().st_mode & 0o777 == 0o600


@as_root
@pytest.mark.parametrize("planted", ["folder", "link", "redaction.key"])
def test_what_another_user_made_first_is_not_taken_over(planted: str, tmp_path: Path) -> None:
    """In /tmp anybody may be there first, with a key or a database that they know."""
    place = tmp_path / "assessment"
    theirs = place if planted != "redaction.key" else place / planted
    if planted == "link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.mkdir(mode=0o700)
        if planted == "redaction.key":
            theirs.write_bytes(bytes(32))
            (place / "notes.txt").touch()
    os.chown(theirs, 65534, 65534, follow_symlinks=False)
    with pytest.raises(WorkspaceError, match="belongs to user 65534, not to you"):
        Workspace.create(place)
    if planted != "redaction.key":
        with pytest.raises(WorkspaceError, match="belongs to user 65534, not to you"):
            Workspace.open(place)


@as_root
def test_under_sudo_the_user_who_asked_may_own_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Workspace.create(tmp_path / "assessment")
    os.chown(tmp_path / "assessment", 65534, 65534)
    monkeypatch.setenv("SUDO_UID", "65534")
    Workspace.open(tmp_path / "assessment")


def test_a_folder_that_others_can_write_to_is_no_place_for_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").touch()
    tmp_path.chmod(0o777)
    with pytest.raises(WorkspaceError, match="other users can write to"):
        Workspace.create(tmp_path)
    tmp_path.chmod(0o775)
    Workspace.create(tmp_path)


def test_folders_of_an_earlier_version_are_closed_to_others(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "assessment")
    for name in ("report", "builds", "content", "logs", "ran"):
        (workspace.path / name).mkdir(mode=0o755)
    Workspace.open(workspace.path)
    for name in ("report", "builds", "content", "logs", "ran"):
        assert (workspace.path / name).stat().st_mode & 0o777 == 0o700, name
    workspace.path.chmod(0o755)
    assert workspace.write_log("web01", "words").stat().st_mode & 0o777 == 0o600


def test_the_default_is_the_environment_and_then_a_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ASSESS_WORKSPACE", raising=False)
    assert Workspace.create().path == tmp_path / "assessment"
    monkeypatch.setenv("ASSESS_WORKSPACE", str(tmp_path / "other"))
    assert Workspace.create().path == tmp_path / "other"


def test_the_redaction_key_is_made_once_even_by_many_at_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(workspace.redaction_key())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 1
    assert len(keys[0]) == 32
    assert [file.name for file in tmp_path.iterdir()] == ["redaction.key"]


def test_a_damaged_key_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "redaction.key").write_bytes(b"short")
    with pytest.raises(WorkspaceError, match="is damaged"):
        Workspace(tmp_path).redaction_key()


def test_there_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"there is no workspace at .*run: assess scan hosts.ini"):
        Workspace.open(tmp_path / "nope")


def test_a_folder_that_is_no_workspace_gets_no_database(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="there is no scan in this workspace yet"):
        Workspace.open(tmp_path).store()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="is not a folder"):
        Workspace.create(tmp_path / "file")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        Workspace.create(tmp_path / "file" / "below")


def test_two_runs_do_not_write_at_once(tmp_path: Path) -> None:
    first, second = Workspace.create(tmp_path), Workspace.open(tmp_path)
    with first.lock(), pytest.raises(WorkspaceError, match=rf"process {os.getpid()} is writing to"), second.lock():
        pass
    with second.lock():
        pass


def test_a_killed_run_does_not_hold_the_workspace(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from inventory.store.workspace import Workspace\n"
        "with Workspace.create(Path(sys.argv[1])).lock():\n    print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        process.send_signal(signal.SIGKILL)
    with Workspace.open(tmp_path).lock():
        pass


def test_a_fork_does_not_hold_the_lock(tmp_path: Path) -> None:
    """Worker processes live on for a moment when their parent is killed."""
    code = (
        "import os, sys, time; from pathlib import Path; from inventory.store.workspace import Workspace\n"
        "with Workspace.create(Path(sys.argv[1])).lock():\n"
        "    os.fork() or print('forked', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, start_new_session=True
    ) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"forked\n"
            holder.kill()
            holder.wait()
            with Workspace.open(tmp_path).lock():
                pass
        finally:
            os.killpg(holder.pid, signal.SIGKILL)


@given(st.text(min_size=1, max_size=400))
def test_no_name_leaves_the_workspace(name: str) -> None:
    safe = safe_name(name)
    assert "/" not in safe
    assert not safe.startswith(".")
    assert "\0" not in safe
    assert len(safe) <= 120
    path = Workspace(Path("/w")).build(name, name)
    assert path.parts[:3] == ("/", "w", "builds")
    assert len(path.parts) == 5


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_two_names_never_share_a_folder(one: str, other: str) -> None:
    assert (safe_name(one) == safe_name(other)) == (one == other)


def test_usual_names_stay_as_they_are() -> None:
    assert Workspace(Path("/w")).build("web01.example.com", "apache2") == Path("/w/builds/web01.example.com/apache2")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB."""
    place = tmp_path / "small"
    place.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("cannot mount a small file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@as_root
def test_a_full_disk_is_one_sentence_from_the_first_moment(small_disk: Path) -> None:
    with pytest.raises(OSError, match="No space"), (small_disk / "fill").open("wb", buffering=0) as stream:
        while stream.write(bytes(4096)):
            pass
    with pytest.raises(WorkspaceError, match="no space left for"):
        Workspace.create(small_disk / "assessment").store()


@as_root
def test_a_read_only_file_system_is_one_sentence(small_disk: Path) -> None:
    with Workspace.create(small_disk / "assessment").store() as store:
        store.begin("/hosts.ini", [Host("web01", "web01")])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    workspace = Workspace.open(small_disk / "assessment")
    with pytest.raises(WorkspaceError, match="read-only file system"), workspace.lock():
        pass
    with pytest.raises(WorkspaceError, match="read-only"):
        Workspace.create(small_disk / "other")
