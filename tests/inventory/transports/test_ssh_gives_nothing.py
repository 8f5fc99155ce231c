"""A scanned host gets nothing of the operator's machine, whatever the operator's ssh_config forwards."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.host import Host
from inventory.transports import connect
from inventory.transports.ansible_connection_inventory import variables_of
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.openssh import OpenSshTransport
from inventory.transports.ssh import SshTransport
from inventory.transports.ssh_settings import settings_for
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port

pytestmark = pytest.mark.live

BEYOND = ("-o", "Ciphers=aes256-ctr")


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An agent with nothing in it, and a display."""
    said = subprocess.run(["ssh-agent", "-a", f"{tmp_path}/agent"], capture_output=True, text=True, check=True).stdout
    pid = re.search(r"SSH_AGENT_PID=(\d+)", said)
    assert pid is not None
    monkeypatch.setenv("SSH_AUTH_SOCK", f"{tmp_path}/agent")
    monkeypatch.setenv("DISPLAY", "127.0.0.1:99")
    yield
    os.kill(int(pid[1]), 15)


@pytest.fixture
def server(sshd_factory: SshdFactory) -> Sshd:
    """A server that takes whatever a client forwards."""
    return sshd_factory("AllowAgentForwarding yes", "AllowTcpForwarding yes", "X11Forwarding yes", "PermitTunnel yes")


def configured(server: Sshd, folder: Path, port: int, *arguments: str) -> Host:
    """The server, with an ssh_config that forwards everything to it. The arguments of the inventory do it as well."""
    config = folder / "config"
    config.write_text(
        f"Host *\nForwardAgent yes\nForwardX11 yes\nForwardX11Trusted yes\nRemoteForward {ADDRESS}:{port} {ADDRESS}:1\n"
        f"PermitLocalCommand yes\nLocalCommand touch {folder}/ran\nGlobalKnownHostsFile none\n"
    )
    words = ("-F", str(config), "-A", "-o", "ForwardAgent=yes", "-o", "PermitLocalCommand=yes", *arguments)
    return server.host("web01", ssh_arguments=words)


@pytest.mark.parametrize(("arguments", "kind"), [(BEYOND, OpenSshTransport), ((), SshTransport)])
def test_a_host_gets_no_agent_no_display_no_port_and_triggers_no_command(
    arguments: tuple[str, ...], kind: type[object], server: Sshd, tmp_path: Path, agent: None
) -> None:
    port = free_port()
    with connect(configured(server, tmp_path, port, *arguments), server.options()) as transport:
        assert isinstance(transport, kind)
        said = transport.run(f'env; grep -i ":{port:04X} " /proc/net/tcp; true').stdout.decode()
        with transport.stream("env") as output:
            said += output.read().decode()
    assert not re.search(r"(?m)^(SSH_AUTH_SOCK|DISPLAY)=", said)
    assert f":{port:04X} " not in said
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("password", "asked"), [(None, False), ("for the login", True)])
def test_a_server_that_asks_for_the_passphrase_of_a_key_is_not_heard(
    tmp_path: Path, password: str | None, asked: bool
) -> None:
    """Clients before OpenSSH 8.5 show a server's questions as their own."""
    variables = {"ansible_ssh_private_key_passphrase": "open sesame"}
    host = Host("web01", ADDRESS, password=password, variables=variables)
    transport = OpenSshTransport(host, ConnectOptions(), settings_for(host, ConnectOptions()))
    try:
        assert ("KbdInteractiveAuthentication=no" not in transport.arguments()) is asked
    finally:
        transport._opened.close()


@pytest.mark.parametrize(
    ("version", "tells"),
    [("OpenSSH_8.4p1 Debian-5", False), ("OpenSSH_8.5p1", True), ("OpenSSH_10.0p2", True), ("Sun_SSH_1.1", False)],
)
def test_an_old_client_with_a_passphrase_shows_no_question_of_a_server(
    version: str, tells: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = tmp_path / "ssh"
    client.write_text(f"#!/bin/sh\necho '{version}, OpenSSL' >&2\n")
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    host = Host("web01", ADDRESS, password="login", variables={"ansible_ssh_private_key_passphrase": "open sesame"})
    transport = OpenSshTransport(host, ConnectOptions(), settings_for(host, ConnectOptions()))
    try:
        assert transport.arguments()[0] == str(client)
        assert ("KbdInteractiveAuthentication=no" not in transport.arguments()) is tells
    finally:
        transport._opened.close()


def test_a_unix_socket_is_dialled_and_nothing_else_is_forwarded(server: Sshd, tmp_path: Path, agent: None) -> None:
    port = free_port()
    with (
        socket.socket(socket.AF_UNIX) as unix,
        connect(configured(server, tmp_path, port, *BEYOND), server.options()) as transport,
    ):
        unix.bind(f"{tmp_path}/s")
        unix.listen()
        threading.Thread(target=lambda: unix.accept()[0].sendall(b"hi"), daemon=True).start()
        channel = transport.dial_unix(f"{tmp_path}/s")
        assert channel.recv(10) == b"hi"
        assert f":{port:04X} " not in Path("/proc/net/tcp").read_text()
        channel.close()
    assert not (tmp_path / "ran").exists()


def test_the_agent_still_logs_in(server: Sshd, tmp_path: Path, agent: None) -> None:
    subprocess.run(["ssh-add", "-q", str(server.key)], check=True, capture_output=True)
    words = ("-F", "none", "-o", "GlobalKnownHostsFile=none", *BEYOND)
    host = server.host("web01", ssh_arguments=words, private_key_file=None)
    with connect(host, server.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"


@pytest.mark.parametrize("way", ["ProxyJump", "ProxyCommand"])
def test_a_jump_host_of_the_configuration_still_works(
    way: str, server: Sshd, sshd_factory: SshdFactory, tmp_path: Path, agent: None
) -> None:
    hop = sshd_factory()
    line = f"-o UserKnownHostsFile={hop.known_hosts} -o GlobalKnownHostsFile=none -i {hop.key} -p {hop.port}"
    command = f"ssh -F none {line} -l {hop.user} -W %h:%p {ADDRESS}"
    config = tmp_path / "config"
    config.write_text(
        f"Host hop\n HostName {ADDRESS}\n Port {hop.port}\n User {hop.user}\n IdentityFile {hop.key}\n"
        f" UserKnownHostsFile {hop.known_hosts}\nHost {ADDRESS}\n ForwardAgent yes\n GlobalKnownHostsFile none\n"
        f" {'ProxyJump hop' if way == 'ProxyJump' else f'ProxyCommand {command}'}\n"
    )
    host = server.host("web01", ssh_arguments=("-F", str(config), *BEYOND))
    with connect(host, server.options()) as transport:
        assert isinstance(transport, OpenSshTransport)
        assert b"SSH_AUTH_SOCK" not in transport.run("env").stdout
    assert "direct-tcpip" in hop.log() or "Accepted publickey" in hop.log()


def test_ansibles_own_ssh_gets_the_same_arguments_first(server: Sshd) -> None:
    host = server.host("web01", "-A", "-o", "RemoteForward=9 127.0.0.1:9", connection="ssh")
    words = str(variables_of(host, server.options())["ansible_ssh_args"]).split()
    assert words.index("ClearAllForwardings=yes") < words.index("ForwardAgent=no") < words.index("-A")
    assert words.index("-A") < words.index("-a") < words.index("-x")
