"""Our own SSH against a real server on loopback."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.errors import (
    HostError,
)
from inventory.transports import Interrupted, connect
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port

pytestmark = pytest.mark.live


def test_a_command_gets_its_input_and_gives_output_errors_and_status(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        done = transport.run("id -un; cat; echo oops >&2; exit 3", b"hello\n")
    assert (done.exit_status, done.stdout, done.stderr) == (3, f"{sshd.user}\nhello\n".encode(), b"oops\n")
    assert done.noise == b""


def test_the_servers_name_for_itself_is_kept(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        assert transport.banner.startswith("SSH-2.0-OpenSSH")
        assert transport.user == sshd.user


def test_aes_gcm_and_curve25519_are_negotiated(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        connection = transport._connection  # type: ignore[attr-defined]
        assert connection.remote_cipher == "aes128-gcm@openssh.com"
        assert connection.get_hexdump() is False


def test_large_input_and_large_output_at_once_do_not_block_each_other(sshd: Sshd) -> None:
    data = os.urandom(3 << 20)
    with connect(sshd.host(), sshd.options()) as transport:
        assert transport.run("cat", data).stdout == data


def test_output_beyond_the_limit_is_cut_and_said_to_be(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        done = transport.run("cat /dev/zero", limit=100_000)
        assert len(done.stdout) == 100_000
        assert done.truncated
        assert transport.run("echo still here").stdout == b"still here\n"


@pytest.mark.parametrize(("rate", "least", "most"), [(0, 200, 400), (100_000, 1, 60)])
def test_a_server_sends_little_ahead_over_a_link_that_is_to_be_spared(
    sshd: Sshd, tmp_path: Path, rate: int, least: int, most: int
) -> None:
    """Pieces of 64 KB that it sent although nobody read; some of them wait in pipes and sockets."""
    count = tmp_path / "count"
    piece = "dd if=/dev/zero bs=65536 count=1 2>/dev/null"
    command = f"i=0; while [ $i -lt 400 ]; do {piece} || exit; i=$((i+1)); echo $i > {count}; done"
    reached = 0
    options = replace(sshd.options(), bytes_per_second=rate)
    with suppress(HostError), connect(sshd.host(), options) as transport, transport.stream(command) as source:
        source.read(1)
        _until_it_rests(count)
        reached = int(count.read_text())
    assert least <= reached <= most


def _until_it_rests(count: Path) -> None:
    before, deadline = "", time.monotonic() + 20
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = count.read_text()
        if now and now == before:
            return
        before = now


def test_errors_without_end_neither_block_nor_fill_memory(sshd: Sshd) -> None:
    command = "head -c 40000000 /dev/zero >&2; echo through"
    with connect(sshd.host(), sshd.options()) as transport:
        done = transport.run(command)
    assert done.stdout == b"through\n"
    assert len(done.stderr) <= 1 << 20


def test_a_command_over_its_time_is_left_and_what_it_said_is_kept(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        with pytest.raises(Interrupted, match=r"timed out after 1 s") as caught:
            transport.run("echo begun; sleep 60", timeout=1.0)
        assert caught.value.partial.stdout == b"begun\n"


def test_a_server_that_dies_in_the_middle_leaves_what_it_said(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        with pytest.raises(Interrupted, match="broke") as caught:
            transport.run("echo half; sleep 0.5; kill -9 $PPID; sleep 60")
        assert caught.value.partial.stdout == b"half\n"


def test_what_shell_start_files_print_is_noise_and_not_output(sshd_factory: SshdFactory) -> None:
    sshd = sshd_factory("ForceCommand echo 'Welcome to web01'; echo odd >&2; eval \"$SSH_ORIGINAL_COMMAND\"")
    with connect(sshd.host(), sshd.options()) as transport:
        done = transport.run("echo answer")
        assert (done.stdout, done.noise, done.stderr) == (b"answer\n", b"Welcome to web01\n", b"")
        with transport.stream("echo answer") as output:
            assert output.read() == b"answer\n"


def test_a_login_shell_that_prints_without_end_is_given_up(sshd_factory: SshdFactory) -> None:
    sshd = sshd_factory("ForceCommand cat /dev/zero")
    with connect(sshd.host(), sshd.options()) as transport, pytest.raises(HostError, match="prints endlessly"):
        transport.run("true")


def test_an_account_that_may_run_nothing_is_told_with_its_own_words(sshd_factory: SshdFactory) -> None:
    sshd = sshd_factory("ForceCommand echo 'This account is \033[31mdisabled.'; exit 1")
    with (
        connect(sshd.host(), sshd.options()) as transport,
        pytest.raises(HostError, match=r"ended without running a command.*This account is \[31mdisabled\.") as caught,
    ):
        transport.run("true")
    assert "\033" not in str(caught.value)


def test_any_text_for_sh_arrives_as_it_is(sshd: Sshd) -> None:
    command = "printf '%s|' 'a!b' \"c\\\\d\" 'é' \"$((1+1))\" \"$(echo 'x y')\"\nprintf '%s' \"it's\""
    with connect(sshd.host(), sshd.options()) as transport:
        assert transport.run(command).stdout == "a!b|c\\d|é|2|x y|it's".encode()


def test_a_stream_comes_through_whole(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport, transport.stream("head -c 40000000 /dev/zero") as output:
        assert sum(len(chunk) for chunk in iter(lambda: output.read(1 << 20), b"")) == 40_000_000


def test_a_stream_whose_command_fails_raises_at_its_end(sshd: Sshd) -> None:
    with (
        connect(sshd.host(), sshd.options()) as transport,
        pytest.raises(HostError, match=r"status 2: tar: no"),
        transport.stream("echo x; echo tar: no >&2; exit 2") as output,
    ):
        assert output.read() == b"x\n"


def test_a_stream_may_be_left_early(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport:
        with transport.stream("cat /dev/zero") as output:
            assert output.read(10) == bytes(10)
        assert transport.run("echo next").stdout == b"next\n"


def test_ports_of_the_host_are_reached_through_the_connection(sshd: Sshd) -> None:
    with socket.create_server((ADDRESS, 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].sendall(b"220 mail\r\n"), daemon=True).start()
        with connect(sshd.host(), sshd.options()) as transport:
            channel = transport.dial(ADDRESS, server.getsockname()[1])
            assert channel.recv(100) == b"220 mail\r\n"
            channel.close()


def test_a_closed_port_of_the_host_is_told(sshd: Sshd) -> None:
    with connect(sshd.host(), sshd.options()) as transport, pytest.raises(HostError, match="nothing answers at"):
        transport.dial(ADDRESS, free_port())


def test_unix_sockets_of_the_host_are_reached_through_the_connection(sshd: Sshd, tmp_path: Path) -> None:
    path = tmp_path / "mysqld.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        threading.Thread(target=lambda: server.accept()[0].sendall(b"hello"), daemon=True).start()
        with connect(sshd.host(), sshd.options()) as transport:
            channel = transport.dial_unix(str(path))
            assert channel.recv(100) == b"hello"
            channel.close()
            with pytest.raises(HostError, match="/nowhere on web01 does not answer"):
                transport.dial_unix("/nowhere")
            assert transport.run("echo well").stdout == b"well\n"


def test_a_server_that_does_not_forward_says_so(sshd_factory: SshdFactory) -> None:
    sshd = sshd_factory("AllowTcpForwarding no", "AllowStreamLocalForwarding no")
    with connect(sshd.host(), sshd.options()) as transport:
        with pytest.raises(HostError, match="does not forward"):
            transport.dial(ADDRESS, sshd.port)
        with pytest.raises(HostError, match="does its SSH server forward to sockets"):
            transport.dial_unix("/run/x")
