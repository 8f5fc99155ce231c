"""The machine itself, by the same commands."""

from __future__ import annotations

import os
import pwd
import socket
import threading
from pathlib import Path

import pytest

from inventory.errors import HostError
from inventory.host import Host
from inventory.transports import Interrupted, connect

LOCAL = Host("localhost", "localhost", connection="local")


def test_a_command_gets_its_input_and_gives_output_errors_and_status() -> None:
    with connect(LOCAL) as transport:
        done = transport.run("cat; echo oops >&2; exit 3", b"hello")
        assert (done.exit_status, done.stdout, done.stderr) == (3, b"hello", b"oops\n")
        assert transport.user == pwd.getpwuid(os.geteuid()).pw_name


def test_large_input_and_large_output_at_once_do_not_block_each_other() -> None:
    data = os.urandom(3 << 20)
    with connect(LOCAL) as transport:
        assert transport.run("cat", data).stdout == data


def test_output_beyond_the_limit_is_cut() -> None:
    with connect(LOCAL) as transport:
        done = transport.run("cat /dev/zero", limit=100_000)
    assert (len(done.stdout), done.truncated) == (100_000, True)


def test_a_command_over_its_time_is_ended_with_its_children(tmp_path: Path) -> None:
    with connect(LOCAL) as transport, pytest.raises(Interrupted) as caught:
        transport.run(f"echo begun; (sleep 60 & echo $! > {tmp_path}/pid; wait)", timeout=1.0)
    assert caught.value.partial.stdout == b"begun\n"
    pid = int((tmp_path / "pid").read_text())
    stat = Path(f"/proc/{pid}/stat")
    assert not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_a_stream() -> None:
    with connect(LOCAL) as transport:
        with transport.stream("head -c 5000000 /dev/zero") as output:
            assert len(output.read()) == 5_000_000
        with pytest.raises(HostError, match="status 4: no"), transport.stream("echo no >&2; exit 4") as output:
            assert output.read() == b""


def test_ports_and_unix_sockets(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        connect(LOCAL) as transport,
    ):
        unix.bind(path)
        unix.listen()
        for server in (tcp, unix):
            threading.Thread(target=lambda one=server: one.accept()[0].sendall(b"hi"), daemon=True).start()
        for channel in (transport.dial("127.0.0.1", tcp.getsockname()[1]), transport.dial_unix(path)):
            assert channel.recv(10) == b"hi"
            channel.close()
        with pytest.raises(HostError, match="nothing answers at /nowhere"):
            transport.dial_unix("/nowhere")
