"""Sockets that the supervisor opens for services: passed at the start, or with the first traffic as inetd does."""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
from pathlib import Path

import pytest

from containerize.supervisor.service_spec import PassedSocket, SocketProtocol, SocketStyle, SupervisedService
from tests.containerize.supervisor.supervised import daemon, eventually, shell, supervised

pytestmark = pytest.mark.live


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def ask(address: tuple[str, int] | str, text: bytes = b"hello") -> bytes:
    """The answer of a stream, by TCP or a Unix socket."""
    with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(address)
        client.sendall(text)
        return client.recv(1000)


def open_to_the_test(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize(
    ("style", "program"), [("inetd-nowait", "echo_stream"), ("accept-fds", "echo_passed_connection")]
)
def test_an_instance_for_each_connection(style: SocketStyle, program: str) -> None:
    port = free_port()
    service = SupervisedService(
        "echo",
        (daemon(program),),
        sockets=(PassedSocket("tcp", "127.0.0.1", port),),
        socket_style=style,
        stop_seconds=3,
    )
    with supervised(service) as running:
        eventually(lambda: open_to_the_test(port))
        answers = [ask(("127.0.0.1", port), b"%d" % number) for number in range(10)]
        assert running.stop() == 0
    after = b"" if style == "inetd-nowait" else b"127.0.0.1"
    assert answers == [b"%d" % number + after for number in range(10)]


def test_connections_above_the_limit_wait() -> None:
    port = free_port()
    service = SupervisedService(
        "echo",
        (daemon("echo_stream"),),
        sockets=(PassedSocket("tcp", "::", port),),
        socket_style="inetd-nowait",
        instances=2,
        stop_seconds=3,
    )
    with supervised(service) as running:
        eventually(lambda: open_to_the_test(port))
        time.sleep(0.5)
        held = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        eventually(lambda: len(children.read_text().split()) == 2)
        time.sleep(0.3)
        assert len(children.read_text().split()) == 2
        for each in held:
            each.settimeout(10)
            each.sendall(b"x")
            assert each.recv(10) == b"x"
            each.close()
        assert running.stop() == 0


def test_many_connections_leave_nothing_behind() -> None:
    port = free_port()
    service = SupervisedService(
        "echo",
        (shell("read line; echo $line"),),
        sockets=(PassedSocket("tcp", "127.0.0.1", port),),
        socket_style="inetd-nowait",
        instances=8,
        instances_per_second=100000,
    )
    with supervised(service) as running:
        eventually(lambda: open_to_the_test(port))
        workers = [
            threading.Thread(target=lambda: [ask(("127.0.0.1", port), b"x\n") for _ in range(100)]) for _ in range(4)
        ]
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        eventually(lambda: not children.read_text().split())
        before = len(list(Path(f"/proc/{running.pid}/fd").iterdir()))
        for each in workers:
            each.start()
        for each in workers:
            each.join()
        eventually(lambda: not children.read_text().split())
        assert len(list(Path(f"/proc/{running.pid}/fd").iterdir())) == before
        assert running.stop() == 0


def test_datagrams_to_one_instance_at_a_time() -> None:
    port = free_port(socket.SOCK_DGRAM)
    service = SupervisedService(
        "udp",
        (daemon("echo_datagrams", 0.5),),
        sockets=(PassedSocket("udp", "127.0.0.1", port),),
        socket_style="inetd-wait",
        stop_seconds=3,
    )
    with supervised(service) as running, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        client.connect(("127.0.0.1", port))

        def answer() -> bytes:
            for _ in range(10):
                try:
                    client.send(b"hello")
                    return client.recv(100)
                except (TimeoutError, ConnectionRefusedError):
                    time.sleep(0.1)
            raise AssertionError(running.output)

        first = answer()
        time.sleep(0.1)
        again = answer()
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        eventually(lambda: not children.read_text().split())
        later = answer()
        assert first == again != later
        assert running.stop() == 0


@pytest.mark.parametrize("protocol", ["unix-stream", "unix-dgram", "unix-seqpacket"])
def test_a_unix_socket_with_its_mode(protocol: SocketProtocol, tmp_path: Path) -> None:
    path = tmp_path / "a.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    passed = PassedSocket(protocol, path=str(path), mode=0o620, uid=os.geteuid(), gid=os.getegid(), name="door")
    service = SupervisedService("a", (daemon("serve_passed"),), sockets=(passed,))
    with supervised(service) as running:
        running.until("1 door True")
        assert stat.S_IMODE(path.stat().st_mode) == 0o620
        if protocol == "unix-stream":
            assert ask(str(path)) == b"hello"
        assert running.stop() == 143


def test_a_service_that_ends_when_idle_starts_again_with_traffic() -> None:
    port = free_port()
    service = SupervisedService(
        "a", (daemon("serve_passed", 1),), sockets=(PassedSocket("tcp", "127.0.0.1", port, name="web"),)
    )
    with supervised(service) as running:
        for number in range(3):
            eventually(lambda: open_to_the_test(port)) if number == 0 else None
            assert ask(("127.0.0.1", port)) in (b"hello", b"")
            time.sleep(0.2)
            assert running.alive
        running.stop()
        assert running.output.count("1 web True") >= 2


def test_a_daemon_that_takes_the_socket_along() -> None:
    port = free_port()
    service = SupervisedService(
        "a",
        (daemon("serve_passed", "detached"),),
        kind="forking",
        sockets=(PassedSocket("tcp", "127.0.0.1", port, name="web"),),
    )
    with supervised(service) as running:
        running.until("1 web True")
        assert ask(("127.0.0.1", port)) == b"hello"
        time.sleep(0.5)  # until the processes between have ended
        assert running.stop() == 143


def test_a_service_that_never_takes_its_traffic_ends_the_container() -> None:
    port = free_port()
    service = SupervisedService("a", (shell("exit 0"),), sockets=(PassedSocket("tcp", "127.0.0.1", port),))
    with supervised(service) as running:
        eventually(lambda: open_to_the_test(port))
        assert running.wait() == 1
        assert "ended five times within a second of its start" in running.output


def test_an_address_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service = SupervisedService("a", (shell("exit 0"),), sockets=(PassedSocket("tcp", "127.0.0.1", port),))
        with supervised(service) as running:
            assert running.wait() == 126
            assert f"cannot open port {port} of the address 127.0.0.1: the address is in use" in running.output


@pytest.mark.parametrize(
    "address", ["1.2.3", "1.2.3.256", "::1::", "1:2:3", "host", ":", "1:2:3:4:5:6:7:8:9", "12345::"]
)
def test_what_is_not_an_address(address: str) -> None:
    service = SupervisedService("a", (shell("exit 0"),), sockets=(PassedSocket("tcp", address, 1),))
    with supervised(service) as running:
        assert running.wait() == 78
        assert "is not an address" in running.output
