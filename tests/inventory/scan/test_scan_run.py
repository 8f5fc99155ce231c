"""A scan of real hosts: every fault stays where it is, and nothing that was reported done is lost."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.depth import Depth
from inventory.host import Host
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.scan.many_hosts import collect_hosts, local_workers
from inventory.scan.scan_run import ScanOptions, scan_hosts
from inventory.scan.workers import Workers
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port, make_key

KEY = b"k" * 32
NO_CONFIGURATION = ("-F", "none")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "assessment")


def _question(sshd: Sshd, **changes: object) -> CollectionRequest:
    return replace(CollectionRequest(sshd.options(), KEY), **changes)  # type: ignore[arg-type]


def test_every_host_has_an_outcome_and_a_reason(sshd: Sshd, tmp_path: Path, workspace: Workspace) -> None:
    hosts = [
        sshd.host("web01"),
        sshd.host("closed", port=free_port()),
        sshd.host("wrong-key", private_key_file=str(make_key(tmp_path / "wrong"))),
        sshd.host("stranger", "-o", "HostKeyAlias=somebody"),
        Host("win01", ADDRESS, port=free_port(), connection="winrm"),
        Host("box", "192.0.2.1", connection="community.docker.docker"),
        sshd.host("sudo", become=True, become_method="pbrun", become_user="admin"),
    ]
    seen: list[tuple[str, int, int]] = []

    def progress(result: HostResult, done: int, total: int) -> None:
        seen.append((result.host, done, total))

    with workspace.store() as store:
        outcome = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options()), progress)
        results = {result.host: result for result in outcome.results}
        snapshots = {snapshot.host: snapshot for snapshot in store.snapshots(outcome.scan)}
    assert [result.host for result in outcome.results] == [host.name for host in hosts]
    assert {name: result.outcome for name, result in results.items()} == {
        "web01": Outcome.ANSWERED,
        "closed": Outcome.UNREACHABLE,
        "wrong-key": Outcome.UNREACHABLE,
        "stranger": Outcome.UNREACHABLE,
        "win01": Outcome.FAILED,
        "box": Outcome.FAILED,
        "sudo": Outcome.FAILED,
    }
    assert all(result.reason and "\n" not in result.reason for name, result in results.items() if name != "web01")
    assert sorted(name for name, _, _ in seen) == sorted(results)
    assert [(done, total) for _, done, total in seen] == [(number, 7) for number in range(1, 8)]
    assert snapshots["web01"].status in ("complete", "partial")
    assert snapshots["web01"].user == sshd.user
    assert snapshots["closed"].status == "unreachable"
    assert outcome.scan.finished is not None


def test_a_bug_of_ours_is_a_log_and_not_the_end(
    sshd: Sshd, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=Hunter2Horse")

    monkeypatch.setattr("inventory.scan.collect_host.run_probe", broken)
    with workspace.store() as store:
        outcome = scan_hosts("/hosts.ini", [sshd.host("we/b01")], workspace, store, ScanOptions(sshd.options()))
    (result,) = outcome.results
    assert result.outcome is Outcome.FAILED
    assert result.reason.startswith("a bug of assess (RuntimeError)")
    (log,) = workspace.logs.iterdir()
    assert "in broken" in log.read_text()
    assert "Hunter2Horse" not in log.read_text()


@pytest.mark.live
def test_a_host_over_its_time_is_left(sshd_factory: SshdFactory) -> None:
    sshd = sshd_factory("ForceCommand exec sleep 60")
    result = collect_host(sshd.host(), _question(sshd, host_seconds=1.0)).result
    assert result.outcome is Outcome.FAILED
    assert "did not run a command within" in result.reason


@pytest.mark.live
def test_a_host_that_dies_in_the_middle_keeps_what_it_said(sshd_factory: SshdFactory) -> None:
    """The session is killed once the probe has said a part of its answer."""
    # The first line tells that the command has begun, and head would keep it until it ends.
    cut = "{ IFS= read -r first; echo $first; head -c 60000; sleep 0.5; kill -9 $PPID; sleep 60; }"
    sshd = sshd_factory(f'ForceCommand eval "$SSH_ORIGINAL_COMMAND" | {cut}')
    result = collect_host(sshd.host(), _question(sshd)).result
    assert result.outcome is Outcome.ANSWERED
    assert result.recording is not None
    assert result.recording.sections
    assert set(result.recording.missing.values()) == {"the connection to web01 broke while a command ran"}


class TestResume:
    def _hosts(self, sshd: Sshd, count: int) -> list[Host]:
        port = free_port()
        return [sshd.host(f"box{number:02}", port=port) for number in range(count)]

    def test_hosts_that_were_done_are_not_asked_again(self, sshd: Sshd, workspace: Workspace) -> None:
        hosts = [*self._hosts(sshd, 3), sshd.host("closed", port=free_port())]
        with workspace.store() as store:
            scan = store.begin("/hosts.ini", hosts)
            for host in hosts[:2]:
                done = collect_host(host, _question(sshd)).result
                store.save(scan, replace(done, outcome=Outcome.UNSUPPORTED))
            store.save(scan, collect_host(hosts[3], _question(sshd)).result)
            asked: list[str] = []
            outcome = scan_hosts(
                "/hosts.ini",
                hosts,
                workspace,
                store,
                ScanOptions(sshd.options()),
                lambda result, _done, _total: asked.append(result.host),
            )
            assert outcome.scan.id == scan.id
            assert sorted(asked) == ["box02", "closed"], "what could not be reached is tried again"
            assert outcome.resumed == ("box00", "box01")
            assert len(outcome.results) == 4
            again = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options()))
            assert again.scan.id != scan.id, "a finished scan is not taken up"

    def test_new_and_another_limit_begin_another_scan(self, sshd: Sshd, workspace: Workspace) -> None:
        hosts = self._hosts(sshd, 3)
        with workspace.store() as store:
            first = store.begin("/hosts.ini", hosts)
            fewer = scan_hosts("/hosts.ini", hosts[:2], workspace, store, ScanOptions(sshd.options()))
            assert fewer.scan.id != first.id
            second = store.begin("/hosts.ini", hosts)
            new = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options(), new=True))
            assert new.scan.id != second.id

    def test_a_scan_that_is_taken_up_keeps_its_depth(self, sshd: Sshd, workspace: Workspace) -> None:
        hosts = self._hosts(sshd, 3)
        with workspace.store() as store:
            first = store.begin("/hosts.ini", hosts, {"depth": "quick"})
            again = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options()))
            assert again.scan.id == first.id
            assert again.scan.depth is Depth.QUICK

    def test_another_depth_is_another_scan(self, sshd: Sshd, workspace: Workspace) -> None:
        hosts = self._hosts(sshd, 3)
        with workspace.store() as store:
            first = store.begin("/hosts.ini", hosts, {"depth": "quick"})
            deep = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options(), depth=Depth.DEEP))
            assert deep.scan.id != first.id
            assert deep.scan.depth is Depth.DEEP

    @pytest.mark.live
    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
    def test_a_killed_scan_loses_nothing_that_was_reported(
        self, sshd: Sshd, workspace: Workspace, how: signal.Signals
    ) -> None:
        """The second half of the hosts accepts connections and never speaks, so the scan cannot end by itself."""
        with socket.create_server((ADDRESS, 0), backlog=50) as silent:
            port = silent.getsockname()[1]
            code = f"""
import sys
from pathlib import Path
from inventory.host import Host
from inventory.scan.scan_run import ScanOptions, scan_hosts
from inventory.store.workspace import Workspace
from inventory.transports import ConnectOptions

def hosts():
    done = [Host(f"box{{n:02}}", "{ADDRESS}", port={free_port()}, ssh_arguments=("-F", "none")) for n in range(20)]
    return done + [Host(f"dumb{{n:02}}", "{ADDRESS}", port={port}, ssh_arguments=("-F", "none")) for n in range(20)]

if __name__ == "__main__":
    workspace = Workspace.open(Path(sys.argv[1]))
    with workspace.lock(), workspace.store() as store:
        options = ScanOptions(ConnectOptions(connect_timeout=100.0), forks=40)
        tell = lambda result, done, total: print(result.host, flush=True)
        scan_hosts("/hosts.ini", hosts(), workspace, store, options, tell)
"""
            command = [sys.executable, "-c", code, str(workspace.path)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                assert process.stdout is not None
                reported = [process.stdout.readline().decode().strip() for _ in range(20)]
                process.send_signal(how)
                process.wait(30)  # raises if it waits for the hosts, which never answer
        with workspace.lock(), workspace.store() as store:
            scan = store.unfinished("/hosts.ini")
            assert scan is not None
            assert sorted(result.host for result in store.hosts(scan)) == sorted(reported)
            assert len(scan.hosts) == 40


class TestFleet:
    @pytest.fixture(params=["threads", "processes", "any executor"])
    def executor(self, request: pytest.FixtureRequest) -> Iterator[Workers | ThreadPoolExecutor]:
        kinds = {"threads": (0, 8), "processes": (2, 4)}
        executor = Workers(*kinds[request.param]) if request.param in kinds else ThreadPoolExecutor(2)
        with executor:
            yield executor

    def test_every_host_comes_back_once(self, executor: Workers | ThreadPoolExecutor) -> None:
        port = free_port()
        hosts = [Host(f"box{number}", ADDRESS, port=port, ssh_arguments=NO_CONFIGURATION) for number in range(70)]
        results = [
            asked.result.host for asked in collect_hosts(hosts, CollectionRequest(ConnectOptions(), KEY), executor, 8)
        ]
        assert sorted(results) == sorted(host.name for host in hosts)

    def test_a_worker_that_dies_costs_its_own_hosts_only(self) -> None:
        class Dying(ThreadPoolExecutor):
            calls = 0

            def submit(self, *args: object, **kwargs: object) -> Future[object]:  # type: ignore[override]
                self.calls += 1
                if self.calls == 2:
                    future: Future[object] = Future()
                    future.set_exception(MemoryError())
                    return future
                return super().submit(*args, **kwargs)  # type: ignore[arg-type]

        port = free_port()
        hosts = [Host(f"box{number:02}", ADDRESS, port=port, ssh_arguments=NO_CONFIGURATION) for number in range(48)]
        with Dying(2) as executor:
            results = [
                asked.result for asked in collect_hosts(hosts, CollectionRequest(ConnectOptions(), KEY), executor, 16)
            ]
        failed = sorted(result.host for result in results if result.outcome is Outcome.FAILED)
        assert failed == [f"box{number:02}" for number in range(16, 32)]
        assert len(results) == 48

    def test_few_hosts_start_no_process(self) -> None:
        with local_workers(5, 32) as few:
            assert few.submit(os.getpid).result(30) == os.getpid()
