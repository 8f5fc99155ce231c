"""What was there for a moment is known afterwards, and what is kept of it has an end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.host import Host
from inventory.model.sightings import Sightings
from inventory.observation import Found, Unknown
from inventory.scan.sample import connection_sighting, merged_facts, sample_of
from inventory.scan.sampling import SampleClock, SampleDone, _next, run_sampling
from inventory.scan.scan_run import ScanOptions, scan_hosts
from inventory.store.sighting_store import Sampling, SightingStore
from inventory.store.workspace import Workspace
from tests.support.snapshots import HostBuilder, busy

HERE = Host("here", "here", connection="local")


class TestLook:
    def test_a_program_is_one_however_many_processes_it_has(self) -> None:
        host = HostBuilder()
        for number in range(3):
            host.process(200 + number, "/usr/bin/worker", f"--slot={number}", ppid=1)
        (worker,) = (each for each in sample_of(host.build()) if each.kind == "process")
        assert worker.facts["arguments"] == ["/usr/bin/worker", "--slot=0"]

    def test_a_connection_is_one_whatever_the_port_of_its_client(self) -> None:
        host = HostBuilder()
        daemon = host.process(200, "/usr/sbin/appd")
        for port in (40001, 40002):
            host.connect(daemon, "10.0.0.9", 5432, local_port=port)
        (pair,) = (each for each in sample_of(host.build()) if each.kind == "connection")
        assert (pair.facts["remote_port"], pair.facts["local_port"]) == (5432, 0)
        assert pair.facts["program"] == "/usr/sbin/appd"

    def test_it_is_the_same_in_the_next_look(self) -> None:
        first, second = (sample_of(busy(("10.0.0.9", 5432))) for _ in range(2))
        assert [each.identity for each in first] == [each.identity for each in second]

    def test_the_most_is_kept(self) -> None:
        assert merged_facts({"name": "a", "peak_rss_bytes": 5}, {"name": "b", "peak_rss_bytes": 9}) == {
            "name": "a",
            "peak_rss_bytes": 9,
        }


class TestSnapshot:
    def test_connections_of_other_looks_are_among_all(self) -> None:
        now = busy(("10.0.0.9", 5432))
        facts = [
            each.facts for each in sample_of(busy(("10.0.0.9", 5432), ("10.0.0.10", 389))) if each.kind == "connection"
        ]
        seen = tuple(connection_sighting(each, 1.0, 2.0, 3) for each in facts)
        snapshot = replace(now, sightings=Found(Sightings(3, 1.0, 2.0, 0, (), seen)))
        connections = snapshot.connections
        assert isinstance(connections, Found)
        peers = [(each.connection.remote_address, each.connection.state, each.pids) for each in connections.value]
        assert peers == [("10.0.0.9", "ESTABLISHED", (200,)), ("10.0.0.10", "SEEN", (200,))]

    def test_without_looks_it_says_so(self) -> None:
        assert isinstance(busy().sightings, Unknown)
        assert not busy().sightings.asked


class Clock:
    """A clock that runs only while somebody sleeps, with something to do at each hour."""

    def __init__(self, *events: Callable[[], object]) -> None:
        self.time = 0.0
        self._events = list(events)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        if self._events and self.time % 60.0 == 0:
            self._events.pop(0)()


@pytest.mark.live
class TestHere:
    """Real looks at this machine, with a clock of our own."""

    def test_a_job_between_scan_and_end_is_seen(self, tmp_path: Path) -> None:
        job = tmp_path / "nightly-job"
        shutil.copy("/bin/sleep", job)
        running: list[subprocess.Popen[bytes]] = []
        server = socket.create_server(("127.0.0.1", 0))
        port = server.getsockname()[1]
        clients: list[socket.socket] = []

        def begin() -> None:
            running.append(subprocess.Popen([str(job), "600"]))
            clients.append(socket.create_connection(("127.0.0.1", port)))

        def end() -> None:
            running[0].terminate()
            running[0].wait()
            clients[0].close()

        clock = Clock(begin, end)
        told: list[SampleDone] = []
        workspace = Workspace.create(tmp_path / "ws")
        with server, workspace.store() as store:
            scan = scan_hosts("/hosts.ini", [HERE], workspace, store, ScanOptions()).scan
            sampling = SightingStore(store).begin(scan, 60.0, 0.0, 180.0)
            looks = run_sampling(
                scan,
                sampling,
                [HERE],
                workspace,
                store,
                ScanOptions(),
                told.append,
                SampleClock(clock.now, clock.sleep),
            )
            snapshot = store.snapshot(scan, "here")
            done = SightingStore(store).sampling(scan)
        assert looks == 3
        assert [(each.number, each.answered, each.next_at) for each in told] == [
            (1, 1, 60.0),
            (2, 1, 120.0),
            (3, 1, None),
        ]
        assert done == replace(sampling, looks=3, ended=120.0)
        assert isinstance(snapshot.sightings, Found)
        (nightly,) = (each for each in snapshot.sightings.value.processes if each.executable == str(job))
        assert nightly.times == 1
        own = [
            each for each in snapshot.sightings.value.processes if str(os.getpid()) and "pytest" in str(each.arguments)
        ]
        assert any(each.times == 3 for each in own)
        assert isinstance(snapshot.connections, Found)
        seen = [each.connection for each in snapshot.connections.value if each.connection.state == "SEEN"]
        assert port in [each.remote_port for each in seen]
        assert not any(each.executable == str(job) for each in getattr(snapshot.processes, "value", ()))

    def test_a_host_that_is_down_for_a_look_is_missing_in_it(self, tmp_path: Path) -> None:
        clock = Clock()
        workspace = Workspace.create(tmp_path / "ws")
        told: list[SampleDone] = []
        with workspace.store() as store:
            scan = scan_hosts("/hosts.ini", [HERE], workspace, store, ScanOptions()).scan
            sampling = SightingStore(store).begin(scan, 60.0, 0.0, 60.0)
            gone = replace(HERE, connection="ssh", address="127.0.0.1", port=1)
            run_sampling(
                scan,
                sampling,
                [gone],
                workspace,
                store,
                ScanOptions(),
                told.append,
                SampleClock(clock.now, clock.sleep),
            )
            snapshot = store.snapshot(scan, "here")
        assert [(each.answered, each.hosts) for each in told] == [(0, 1)]
        assert isinstance(snapshot.sightings, Unknown)


def test_a_look_that_takes_longer_costs_those_that_it_overlaps() -> None:
    sampling = Sampling(1, 60.0, 1000.0, 1300.0)
    assert [_next(sampling, now) for now in (1000.0, 1059.0, 1061.0, 1200.0, 1241.0)] == [
        1060.0,
        1060.0,
        1120.0,
        1240.0,
        None,
    ]
