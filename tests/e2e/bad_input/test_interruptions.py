"""Runs that are stopped or killed: nothing is lost that was done, and nothing is left that is not whole."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from containerize.runtimes import choose
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.e2e.bad_input.command import interrupted, running, told, wait_until
from tests.e2e.bad_input.conftest import NAME, WORKLOAD, entry
from tests.e2e.bad_input.test_workloads import build_of, digest_of
from tests.e2e.traces import nothing_left_behind
from tests.estate.bad_hosts import silent_host
from tests.estate.running_host import RunningHost

pytestmark = pytest.mark.estate


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_scan_goes_on_where_it_was_stopped(number: signal.Signals, small: RunningHost, tmp_path: Path) -> None:
    hosts, workspace = tmp_path / "hosts.ini", tmp_path / "workspace"
    with silent_host() as (address, port):
        # The one that never answers comes first, and keeps the run from ending.
        hosts.write_text(f"silent ansible_host={address} ansible_port={port} ansible_user=root\n{entry(small)}")
        arguments = ("scan", hosts, "--connect-timeout", "100", "--json")
        with running(workspace, *arguments) as process:
            wait_until(lambda: _answered(workspace) == 1, process)
            done = interrupted(process, number, arguments)
        if number != signal.SIGKILL:
            sentence = "stopped; what hosts have answered is stored, and the same command resumes"
            assert done.document == {"error": sentence}
        done = told(workspace, "scan", hosts, "--connect-timeout", "1", "--json")
        assert (done.status, done.document["scan"]["resumed"]) == (1, [NAME])
        assert {host["name"]: host["status"] for host in done.document["hosts"]} == {
            "silent": "unreachable",
            NAME: "complete",
        }


def _answered(workspace: Path) -> int:
    if not (workspace / "assessment.db").exists():
        return 0
    try:
        with sqlite3.connect(f"file:{workspace}/assessment.db?mode=ro", uri=True) as database:
            (number,) = database.execute("SELECT count(*) FROM scan_hosts WHERE outcome IS NOT NULL").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(number)


def test_passwords_of_an_inventory_do_not_stay_in_memory_for_long(tmp_path: Path) -> None:
    """Whoever is killed while the inventory is read cannot remove what it read; the next run does."""
    (tmp_path / "hosts.ini").write_text(
        "web01 ansible_host=127.0.0.1 ansible_port=1 ansible_password=secret-of-tests\n"
    )
    with running(tmp_path / "workspace", "scan", "hosts.ini") as process:
        wait_until(lambda: private_directories(process.pid), process)
        (left,) = private_directories(process.pid)
        interrupted(process, signal.SIGKILL, ())
    assert left.exists()
    assert told(tmp_path / "workspace", "scan", "hosts.ini", "--dry-run").status == 0
    assert not left.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_build_that_was_stopped_left_no_image_and_is_made_by_the_next(
    number: signal.Signals, built: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir(mode=0o700)
    for name in ("assessment.db", "redaction.key", "policy"):
        shutil.copy(built / name, workspace / name)
    arguments = ("build", WORKLOAD, "--json")
    with running(workspace, *arguments) as process:
        wait_until(lambda: len(list(workspace.glob("content/sha256/*/*"))) > 100, process)
        interrupted(process, number, arguments)
    assert not (build_of(workspace) / "image").exists()
    assert not (build_of(workspace) / "build.json").exists()
    if number != signal.SIGKILL:
        assert _half_made(workspace) == []
        return
    assert "has no finished build" in told(workspace, "pilot", WORKLOAD).sentence
    done = told(workspace, *arguments)
    assert (done.status, done.document["builds"][0]["digest"]) == (0, digest_of(built))
    assert _half_made(workspace) == []


def test_a_build_that_is_killed_leaves_the_image_that_was_there(spoilable: Path) -> None:
    before = digest_of(spoilable)
    for seconds in (0.2, 1.2):
        with running(spoilable, "build", WORKLOAD) as process:
            wait_until(lambda: (spoilable / "lock").read_text().strip() == str(process.pid), process)
            time.sleep(seconds)  # wherever it is then
            process.send_signal(signal.SIGKILL)
        assert digest_of(spoilable) == before
        assert ImageLayout.open(build_of(spoilable) / "image").manifest.digest == before


@pytest.mark.engine
@pytest.mark.parametrize(
    ("runtime", "number"), [("docker", signal.SIGINT), ("docker", signal.SIGKILL), ("oci", signal.SIGKILL)]
)
def test_a_pilot_that_was_stopped_leaves_nothing_or_the_next_removes_it(
    runtime: str, number: signal.Signals, spoilable: Path
) -> None:
    try:
        choose(runtime).close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    arguments = ("pilot", WORKLOAD, "--runtime", runtime, "--json")
    with nothing_left_behind() as ours:
        legacy = _tickers()
        with running(spoilable, *arguments) as process:
            wait_until(lambda: _tickers() - legacy, process)
            done = interrupted(process, number, arguments)
        ours.append(done.pid)
        assert not (build_of(spoilable) / "pilot.json").exists(), "no verdict of half a pilot"
        if number == signal.SIGKILL:
            assert _tickers() - legacy, "nobody could remove it"
            again = told(spoilable, *arguments)
            ours.append(again.pid)
            assert (again.status, again.document["pilots"][0]["verdict"]) == (0, "pass")
    assert not _tickers() - legacy


def _tickers() -> set[int]:
    """The processes of the service on this machine: those of legacy hosts, and those of copies."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().endswith(b"perl\0/usr/local/sbin/ticker\0"):
                found.add(int(path.parent.name))
        except OSError:
            continue
    return found


def _half_made(workspace: Path) -> list[Path]:
    return [
        *workspace.glob("content/tmp/*"),
        *workspace.glob("content/layers/.*"),
        *workspace.glob("builds/*/*/.*"),
    ]


def private_directories(pid: int) -> list[Path]:
    """Where a run keeps what it reads of the inventory."""
    found = []
    for path in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            target = path.readlink()
        except OSError:
            continue
        if target.name.startswith("assess-private-") and target not in found:
            found.append(target)
    return found
