"""The same scan on a Dask cluster: workers ask, one coordinator writes, and what dies costs its own hosts only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.host import Host
from inventory.scan import executors
from inventory.scan.executors import ExecutorError, executor_at
from inventory.scan.scan_run import ScanOptions, scan_hosts
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.workspace import Workspace
from tests.inventory.sshd import SshdFactory, free_port
from tests.support.dask_cluster import Cluster
from tests.support.postgresql import Cluster as Postgresql
from tests.support.postgresql import programs

pytest.importorskip("distributed", reason="pip install 'brownfield[dask]'")
pytestmark = pytest.mark.live


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with Cluster.running() as running:
        yield running


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "ws")


@pytest.fixture
def database() -> Iterator[str]:
    if programs() is None:
        pytest.skip("no PostgreSQL server on this machine: apt-get install postgresql")
    with Postgresql.running() as server:
        yield server.database()


def by_outcome(results: tuple[HostResult, ...]) -> dict[Outcome, int]:
    return {outcome: sum(each.outcome is outcome for each in results) for outcome in {each.outcome for each in results}}


def test_workers_ask_and_one_coordinator_writes_to_postgresql(
    cluster: Cluster, database: str, workspace: Workspace, sshd_factory: SshdFactory
) -> None:
    sshd = sshd_factory()
    hosts = [sshd.host(f"web{number:02}") for number in range(20)]
    hosts.append(sshd.host("closed", port=free_port()))
    with executor_at(cluster.url) as executor, workspace.store(database) as store:
        assert executor is not None
        pids = {executor.submit(os.getpid).result(30) for _ in range(20)}
        assert pids <= {worker.pid for worker in cluster.workers}
        outcome = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options(), executor=executor))
        assert by_outcome(outcome.results) == {Outcome.ANSWERED: 20, Outcome.UNREACHABLE: 1}
        assert [each.host for each in outcome.results] == [host.name for host in hosts]
        recording = store.recording(outcome.scan, "web19")
        assert recording is not None
        assert recording.redaction_policy > 0
        assert store.snapshot(outcome.scan, "web07").status in ("complete", "partial")
        again = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options(), executor=executor))
        assert again.scan.id != outcome.scan.id, "nothing is taken from an earlier call that looked alike"
        assert all(new.taken > old.taken for new, old in zip(again.results[:20], outcome.results[:20], strict=True))


def test_what_a_killed_worker_had_begun_is_asked_again_elsewhere(
    cluster: Cluster, workspace: Workspace, sshd_factory: SshdFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    sshd = sshd_factory('ForceCommand sleep 2; eval "$SSH_ORIGINAL_COMMAND"', "MaxStartups 200")
    hosts = [sshd.host(f"web{number:02}") for number in range(32)]
    patient = replace(sshd.options(), connect_timeout=60.0)
    threading.Timer(1.5, cluster.workers[0].kill).start()
    with executor_at(cluster.url) as executor, workspace.store() as store:
        outcome = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(patient, executor=executor))
    assert cluster.workers[0].wait() == -signal.SIGKILL
    assert {each.reason for each in outcome.results} == {""}
    assert by_outcome(outcome.results) == {Outcome.ANSWERED: 32}


def test_without_any_worker_left_hosts_are_reported_and_the_same_scan_asks_them(
    cluster: Cluster, workspace: Workspace, sshd_factory: SshdFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "_PATIENCE", 1.0)
    sshd = sshd_factory("ForceCommand sleep 60")
    hosts = [sshd.host(f"web{number:02}") for number in range(20)]

    def kill() -> None:
        for worker in cluster.workers:
            worker.kill()

    threading.Timer(1.0, kill).start()
    with executor_at(cluster.url) as executor, workspace.store() as store:
        outcome = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options(), executor=executor))
    assert by_outcome(outcome.results) == {Outcome.FAILED: 20}
    assert "all workers are gone" in outcome.results[0].reason
    assert outcome.results[0].reason.endswith("scan again")


def test_a_scheduler_that_dies_ends_the_scan_with_reasons(
    cluster: Cluster, workspace: Workspace, sshd_factory: SshdFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "_PATIENCE", 1.0)
    sshd = sshd_factory("ForceCommand sleep 60")
    hosts = [sshd.host(f"web{number:02}") for number in range(20)]
    threading.Timer(1.0, cluster.scheduler.kill).start()
    with executor_at(cluster.url) as executor, workspace.store() as store:
        outcome = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(sshd.options(), executor=executor))
    assert by_outcome(outcome.results) == {Outcome.FAILED: 20}
    assert "scheduler is gone" in outcome.results[0].reason


def test_this_machine_is_asked_from_here(cluster: Cluster, workspace: Workspace) -> None:
    """A worker that asks "local" would describe itself under another's name."""
    cluster.workers[0].kill()
    with executor_at(cluster.url) as executor, workspace.store() as store:
        cluster.workers[1].kill()
        hosts = [Host("here", "here", connection="local")]
        outcome = scan_hosts("/hosts.ini", hosts, workspace, store, ScanOptions(executor=executor))
    assert by_outcome(outcome.results) == {Outcome.ANSWERED: 1}


def test_a_killed_scan_does_not_ask_again_who_has_answered(
    cluster: Cluster, workspace: Workspace, sshd_factory: SshdFactory, tmp_path: Path
) -> None:
    """Half of the hosts answer; the others hold the command until the coordinator is killed."""
    quick, slow = sshd_factory(), sshd_factory("ForceCommand sleep 60")
    lines = [
        sshd.host(name)
        for name, sshd in [*((f"a{n:02}", quick) for n in range(16)), *((f"b{n:02}", slow) for n in range(16))]
    ]
    inventory = tmp_path / "hosts.ini"
    inventory.write_text(
        "\n".join(
            f"{host.name} ansible_host={host.address} ansible_port={host.port} ansible_user={host.user} "
            f"ansible_ssh_private_key_file={host.private_key_file} ansible_ssh_common_args='-F none'"
            for host in lines
        )
    )
    command = [sys.executable, "-m", "assess", "scan", str(inventory), "--workspace", str(workspace.path)]
    command += ["--executor", cluster.url, "--accept-new-host-keys", "--timeout", "60"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    with workspace.store() as store:
        for _ in range(300):
            scan = store.unfinished(str(inventory))
            answered = store.hosts(scan) if scan is not None else ()
            if len(answered) == 16:
                break
            time.sleep(0.1)
            assert running.poll() is None, running.stderr.read() if running.stderr else ""
        running.kill()
        running.communicate()
        assert scan is not None
        assert {each.outcome for each in answered} == {Outcome.ANSWERED}
        asked: list[str] = []
        stopped = [quick.host(host.name) for host in lines]
        with executor_at(cluster.url) as executor:
            outcome = scan_hosts(
                str(inventory),
                stopped,
                workspace,
                store,
                ScanOptions(quick.options(), executor=executor),
                lambda result, *_: asked.append(result.host),
            )
    assert outcome.scan.id == scan.id
    assert sorted(asked) == [f"b{number:02}" for number in range(16)]
    assert by_outcome(outcome.results) == {Outcome.ANSWERED: 32}


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "scheduler.example", "[2001:db8::1]", "0.0.0.0", "localhost.evil.example"]
)
def test_a_cluster_off_loopback_gets_no_passwords_without_tls(host: str) -> None:
    """Passwords and the redaction key would go over the network in clear, and what comes back is unpickled."""
    with (
        pytest.raises(ExecutorError, match=r"has no TLS.*dasks://.*--insecure-executor"),
        executor_at(f"dask://{host}:1"),
    ):
        pass


@pytest.mark.parametrize("url", ["dask://", "tcp://127.0.0.1:1", "nonsense", "dask://127.0.0.1:port"])
def test_what_is_no_executor(url: str) -> None:
    with pytest.raises(ExecutorError, match=r"unknown executor .*; use dask://"), executor_at(url):
        pass


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "_SECONDS", 1)
    with pytest.raises(ExecutorError, match="cannot be used"), executor_at(f"dask://127.0.0.1:{free_port()}"):
        pass


def test_a_cluster_without_workers() -> None:
    with Cluster.running(0) as empty, pytest.raises(ExecutorError, match="has no workers"), executor_at(empty.url):
        pass
