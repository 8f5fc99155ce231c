"""The builds of a host share one connection, on which few commands run at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import cast

import pytest

from containerize.host.shared_connection import COMMANDS, HostConnections, SharedConnection
from inventory.errors import HostError
from inventory.host import Host
from inventory.transports.transport import Completed, Transport


class _Busy:
    """Counts commands that run at the same time, and connections that are open."""

    user, privileged, banner, peer = "root", True, "", ""

    def __init__(self) -> None:
        self.now = self.most = self.opened = self.closed = 0
        self._lock = threading.Lock()

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        return Completed(0, b"", b"")

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[None]:
        self.run(command)
        yield

    def close(self) -> None:
        self.closed += 1

    @contextmanager
    def connect(self, _host: Host) -> Iterator[Transport]:
        self.opened += 1
        yield cast(Transport, self)
        self.closed += 1


def test_few_commands_run_on_a_host_at_once() -> None:
    busy = _Busy()
    shared = SharedConnection(cast(Transport, busy))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(shared.run, ["true"] * 16))
    assert busy.most == COMMANDS


def test_a_command_within_a_stream_does_not_wait_for_itself() -> None:
    shared = SharedConnection(cast(Transport, _Busy()), 1)
    with shared.stream("cat"):
        assert shared.run("true").exit_status == 0


def test_a_host_is_connected_once_and_let_go_with_its_last_build() -> None:
    busy = _Busy()
    host = Host("web01", "192.0.2.1")
    connections = HostConnections(busy.connect, {"web01": 3})
    with connections.to(host) as first, connections.to(host) as second:
        assert first is second
    assert (busy.opened, busy.closed) == (1, 0)
    with connections.to(host):
        pass
    assert (busy.opened, busy.closed) == (1, 1)


def test_a_host_that_is_not_reached_is_tried_once() -> None:
    tried = []

    @contextmanager
    def refuse(host: Host) -> Iterator[Transport]:
        tried.append(host.name)
        raise HostError("no route to host")
        yield

    connections = HostConnections(refuse, {"web01": 2})
    for _ in range(2):
        with pytest.raises(HostError, match="no route"), connections.to(Host("web01", "192.0.2.1")):
            pass
    assert tried == ["web01"]


def test_nothing_is_connected_after_the_work_was_stopped() -> None:
    busy = _Busy()
    connections = HostConnections(busy.connect, {"web01": 1, "db01": 1})
    with connections.to(Host("web01", "192.0.2.1")):
        connections.close()
        assert busy.closed == 1
        with pytest.raises(HostError, match="was stopped"), connections.to(Host("db01", "192.0.2.2")):
            pass
