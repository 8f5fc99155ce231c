"""The OpenSSH client takes over where paramiko cannot."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from inventory.errors import HostKeyChanged, HostKeyUnknown, HostUnreachable, LoginRefused
from inventory.host import Host
from inventory.transports import connect
from inventory.transports.openssh import OpenSshTransport
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port, make_key, public

pytestmark = pytest.mark.live

BEYOND = ("-o", "Ciphers=aes256-ctr")


def test_arguments_that_only_ssh_understands_are_honoured(sshd: Sshd) -> None:
    with connect(sshd.host("web01", *BEYOND), sshd.options()) as transport:
        assert isinstance(transport, OpenSshTransport)
        done = transport.run("cat; printf '%s\\n' 'a!b\\c' >&2; exit 3", b"hello")
        assert (done.exit_status, done.stdout, done.stderr) == (3, b"hello", b"a!b\\c\n")
        with transport.stream("head -c 5000000 /dev/zero") as output:
            assert len(output.read()) == 5_000_000


def test_ports_and_unix_sockets_of_the_host(sshd: Sshd, tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    with (
        socket.create_server((ADDRESS, 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
        connect(sshd.host("web01", *BEYOND), sshd.options()) as transport,
    ):
        unix.bind(path)
        unix.listen()
        for server in (tcp, unix):
            threading.Thread(target=lambda one=server: one.accept()[0].sendall(b"hi"), daemon=True).start()
        for channel in (transport.dial(ADDRESS, tcp.getsockname()[1]), transport.dial_unix(path)):
            assert channel.recv(10) == b"hi"
            channel.close()


def test_host_keys_follow_the_same_rules(sshd: Sshd, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    careful = sshd.options(known_hosts=kept)
    with (
        connect(sshd.host("web01", *BEYOND), careful) as transport,
        pytest.raises(HostKeyUnknown, match="--accept-new"),
    ):
        transport.run("true")
    accepting = sshd.options(known_hosts=kept, accept_new_host_keys=True)
    with connect(sshd.host("web01", *BEYOND), accepting) as transport:
        assert transport.run("echo in").stdout == b"in\n"
    assert public(sshd.host_key)[1] in kept.read_text()
    kind, encoded = public(make_key(tmp_path / "other"))
    kept.write_text(f"[{ADDRESS}]:{sshd.port} {kind} {encoded}\n")
    with connect(sshd.host("web01", *BEYOND), accepting) as transport, pytest.raises(HostKeyChanged, match="SHA256:"):
        transport.run("true")


def test_a_refused_login_and_a_closed_port_are_told_like_ours(sshd: Sshd, tmp_path: Path) -> None:
    wrong = sshd.host("web01", *BEYOND, private_key_file=str(make_key(tmp_path / "wrong")))
    with connect(wrong, sshd.options()) as transport, pytest.raises(LoginRefused, match="Permission denied"):
        transport.run("true")
    closed = Host("web01", ADDRESS, port=free_port(), ssh_arguments=("-F", "none", *BEYOND))
    with connect(closed, sshd.options()) as transport, pytest.raises(HostUnreachable, match="Connection refused"):
        transport.run("true")


def test_old_cryptography_only_where_it_was_asked_for(sshd_factory: SshdFactory) -> None:
    old = sshd_factory("KexAlgorithms diffie-hellman-group1-sha1", "Ciphers aes128-cbc")
    with pytest.raises(HostUnreachable, match="--legacy-crypto"), connect(old.host(), old.options()):
        pass
    with connect(old.host(), old.options(legacy_crypto=True)) as transport:
        assert transport.run("echo in").stdout == b"in\n"
