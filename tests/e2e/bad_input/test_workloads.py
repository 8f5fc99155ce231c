"""Workloads that are misspelt, gone, out of reach, not built, or damaged after they were built."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.bad_input.command import told
from tests.e2e.bad_input.conftest import NAME, WORKLOAD, copy_of, entry
from tests.e2e.bad_input.test_workspaces import fill
from tests.estate.bad_hosts import refusing_host
from tests.estate.running_host import RunningHost

pytestmark = pytest.mark.estate


def build_of(workspace: Path) -> Path:
    return workspace / "builds" / NAME / "ticker"


def digest_of(workspace: Path) -> Any:
    return json.loads((build_of(workspace) / "build.json").read_text())["digest"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (f"{NAME}/tickr", f"did you mean {WORKLOAD}?"),
        ("ticker", f"did you mean {WORKLOAD}?"),
        (f"{NAME}/sshd", f"did you mean {NAME}/ssh?"),
        ("web99/apache2", f"its hosts are {NAME}"),
        ("../../etc/passwd", f"its hosts are {NAME}"),
        ("nothing*", f"its hosts are {NAME}"),
    ],
)
def test_a_workload_that_nobody_knows_gets_a_hint(built: Path, name: str, hint: str) -> None:
    done = told(built, "build", name, "--json")
    assert done.status == 3
    assert done.document["error"].startswith(f"there is no workload {name!r} in the last scan")
    assert hint in done.document["error"]


def test_one_wrong_name_among_right_ones_stops_before_anything_is_done(built: Path) -> None:
    before = digest_of(built)
    for command in ("build", "pilot"):
        done = told(built, command, WORKLOAD, f"{NAME}/tocker")
        assert (done.status, done.output) == (3, "")
    assert digest_of(built) == before


def test_a_host_function_is_built_when_it_is_asked_for_by_name_and_with_a_word(built: Path) -> None:
    done = told(built, "build", "--dry-run", f"{NAME}/ssh")
    assert done.status == 0
    assert done.sentence.startswith(f"{NAME}/ssh is a host function: every container host has its own")


def test_a_pilot_or_a_question_before_the_build_says_what_to_run(built: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir(mode=0o700)
    for name in ("assessment.db", "redaction.key", "policy"):
        shutil.copy(built / name, workspace / name)
    for command in (("pilot", WORKLOAD), ("why", WORKLOAD, "/etc/passwd")):
        done = told(workspace, *command)
        assert done.status == 3
        assert done.sentence == f"{WORKLOAD} has no finished build in this workspace; run: assess build {WORKLOAD}"


def test_a_host_that_is_out_of_reach_or_gone_by_now(small: RunningHost, built: Path, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.ini"
    hosts.write_text(entry(small))
    workspace = tmp_path / "workspace"
    assert told(workspace, "scan", hosts).status == 0
    copy_of(built / "builds", workspace / "builds")
    before = digest_of(workspace)
    with refusing_host() as (address, port):
        hosts.write_text(entry(small, ansible_host=address, ansible_port=port))
        done = told(workspace, "build", WORKLOAD, "--json")
    assert (done.status, done.document["builds"]) == (3, [])
    assert "rejects connections: no SSH server listens there" in done.document["failed"][0]["reason"]
    hosts.write_text("other ansible_connection=local\n")
    done = told(workspace, "build", WORKLOAD)
    assert (done.status, done.sentence) == (3, f"{WORKLOAD}: {NAME} is not in {hosts} any more")
    hosts.unlink()
    done = told(workspace, "build", WORKLOAD)
    assert (done.status, done.sentence) == (
        3,
        f"{hosts} is missing, and it contains the connection settings; scan again with the new inventory",
    )
    assert digest_of(workspace) == before, "the image that was there is still there"


def test_a_service_that_was_restarted_is_the_same_and_one_that_was_stopped_is_not_built(
    spoilable: Path, restart: Callable[[], None], stopped: Callable[[], None]
) -> None:
    before = digest_of(spoilable)
    restart()
    done = told(spoilable, "build", WORKLOAD, "--json")
    assert (done.status, done.document["builds"][0]["digest"]) == (0, before)
    stopped()
    done = told(spoilable, "build", WORKLOAD)
    assert (done.status, done.output) == (3, "")
    assert done.sentence.startswith(f"{WORKLOAD}: it is not running any more; start it on the host")
    assert digest_of(spoilable) == before


@pytest.mark.engine
def test_an_image_that_was_damaged_is_not_run(spoilable: Path) -> None:
    blobs = build_of(spoilable) / "image" / "blobs" / "sha256"
    layer = max(blobs.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(layer.read_bytes())
    content[len(content) // 2] ^= 1
    layer.unlink()  # it is shared with other workspaces of these tests
    layer.write_bytes(content)
    done = told(spoilable, "pilot", WORKLOAD, "--json")
    assert done.status == 1
    (check,) = done.document["pilots"][0]["checks"]
    assert (check["name"], check["verdict"]) == ("starts", "inconclusive")
    assert "was changed" in check["actual"] and "build it again" in check["actual"]
    (build_of(spoilable) / "plan.json").write_text('{"schema": ')
    done = told(spoilable, "pilot", WORKLOAD)
    assert (done.status, "has no finished build" in done.sentence) == (3, True)
    assert told(spoilable, "report").status == 0, "a report does not fail because an old result is damaged"


@pytest.mark.engine
def test_a_pilot_whose_result_finds_no_room_shows_it(built: Path, tmp_path: Path) -> None:
    workspace = copy_of(built, tmp_path / "workspace")
    kept = shutil.copytree(build_of(workspace), tmp_path / "kept")
    disk = build_of(workspace)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "test", disk], check=True)
    try:
        shutil.copytree(kept, disk, dirs_exist_ok=True)
        fill(disk)
        done = told(workspace, "pilot", WORKLOAD, "--json")
        assert (done.status, done.document["pilots"][0]["verdict"]) == (1, "pass")
        assert done.sentence.startswith("the result was not stored: ") and "No space left on device" in done.sentence
        assert not list(disk.glob("*pilot.json*"))
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_build_on_a_full_disk_leaves_nothing_that_looks_like_an_image(built: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=60m,mode=700", "test", disk], check=True)
    try:
        for name in ("assessment.db", "redaction.key", "policy"):
            shutil.copy(built / name, disk / name)
        done = told(disk, "build", WORKLOAD, "--json")
        assert (done.status, done.document["builds"]) == (3, [])
        assert "No space left on device; make room and build again" in done.document["failed"][0]["reason"]
        assert not (build_of(disk) / "image").exists()
        assert not list((disk / "content" / "tmp").iterdir())
        subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
        done = told(disk, "pilot", WORKLOAD)
        assert (done.status, "has no finished build" in done.sentence) == (3, True)
        done = told(disk, "build", WORKLOAD, "--json")
        assert (done.status, done.document["builds"][0]["digest"]) == (0, digest_of(built))
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
