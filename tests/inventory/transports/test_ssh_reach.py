"""Ways to a server, through others too, and what is said when there is none."""

from __future__ import annotations

import shutil
import socket
import threading
from pathlib import Path

import pytest

from inventory.errors import (
    HostKeyUnknown,
    HostUnreachable,
)
from inventory.host import Host
from inventory.transports import ConnectOptions, connect
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port

pytestmark = pytest.mark.live


def test_nobody_listens() -> None:
    with (
        pytest.raises(HostUnreachable, match="rejects connections"),
        connect(Host("web01", ADDRESS, port=free_port(), ssh_arguments=("-F", "none"))),
    ):
        pass


def test_the_name_has_no_address() -> None:
    host = Host("web01", "web01.invalid", ssh_arguments=("-F", "none"))
    with pytest.raises(HostUnreachable, match=r"'web01\.invalid' of web01 has no address"), connect(host):
        pass


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        (b"", r"sends nothing for 1 s"),
        (b"SSH-2.0-Sleepy\r\n", r"sends nothing for 1 s"),
        (b"220 mail \033[2J ESMTP\r\n", r"is not an SSH server: it sent '220 mail \[2J ESMTP'"),
        (b"HTTP/1.0 400 Bad Request\r\n\r\n" * 200, r"is not an SSH server"),
    ],
)
def test_who_listens_does_not_speak_ssh(says: bytes, sentence: str) -> None:
    with socket.create_server((ADDRESS, 0)) as server:
        kept: list[socket.socket] = []

        def answer() -> None:
            connection, _ = server.accept()
            kept.append(connection)
            connection.sendall(says)

        threading.Thread(target=answer, daemon=True).start()
        host = Host("web01", ADDRESS, port=server.getsockname()[1], ssh_arguments=("-F", "none"))
        with pytest.raises(HostUnreachable, match=sentence), connect(host, ConnectOptions(connect_timeout=1.0)):
            pass
        for connection in kept:
            connection.close()


def test_the_server_hangs_up() -> None:
    with socket.create_server((ADDRESS, 0)) as server:

        def hang_up() -> None:
            while True:
                try:
                    server.accept()[0].close()
                except OSError:
                    return

        threading.Thread(target=hang_up, daemon=True).start()
        host = Host("web01", ADDRESS, port=server.getsockname()[1], ssh_arguments=("-F", "none"))
        with pytest.raises(HostUnreachable, match="closes it before the login"), connect(host):
            pass


def test_through_two_jump_hosts(sshd_factory: SshdFactory, tmp_path: Path) -> None:
    first, second, last = sshd_factory(), sshd_factory(), sshd_factory("AllowTcpForwarding no")
    known = tmp_path / "known"
    known.write_text("".join(one.known_hosts.read_text() for one in (first, second, last)))
    configuration = tmp_path / "config"
    configuration.write_text(
        "".join(
            f"Host {name}\n HostName {ADDRESS}\n Port {one.port}\n IdentityFile {one.key}\n IdentitiesOnly yes\n"
            for name, one in (("gate", first), ("inner", second))
        )
    )
    arguments = ("-F", str(configuration), "-J", "gate,inner")
    with connect(last.host(ssh_arguments=arguments), last.options(known_hosts=known)) as transport:
        assert transport.run("echo in").stdout == b"in\n"
    for one in (first, second):
        assert "Accepted publickey" in one.log()


def test_the_key_of_a_jump_host_is_checked_too(sshd_factory: SshdFactory) -> None:
    gate, last = sshd_factory(), sshd_factory()
    host = last.host("web01", "-J", f"{gate.user}@{ADDRESS}:{gate.port}", "-o", "UserKnownHostsFile=none")
    with pytest.raises(HostKeyUnknown, match=r"web01 via"), connect(host, last.options()):
        pass


def test_through_a_command(sshd: Sshd) -> None:
    host = sshd.host("web01", "-o", "ProxyCommand=nc %h %p")
    if shutil.which("nc") is None:
        host = sshd.host(
            "web01",
            "-o",
            f"ProxyCommand=ssh -F none -i {sshd.key} -W %h:%p -p {sshd.port} "
            f"-o UserKnownHostsFile={sshd.known_hosts} {ADDRESS}",
        )
    with connect(host, sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"


def test_the_configuration_of_the_user_counts(sshd: Sshd, tmp_path: Path) -> None:
    included = tmp_path / "included"
    included.write_text(f"Host web*\n  HostName {ADDRESS}\n  Port {sshd.port}\n")
    configuration = tmp_path / "config"
    configuration.write_text(f"Include {included}\nMatch host {ADDRESS}\n  IdentityFile {sshd.key}\n")
    host = Host("web01", "web01", user=sshd.user, ssh_arguments=("-F", str(configuration)))
    with connect(host, sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"
