"""Becoming another user by the real programs, over a real server, by both SSH clients."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.errors import BecomeRefused
from inventory.host import Host
from inventory.transports import ConnectOptions, connect
from inventory.transports.ansible_connection import AnsibleTransport, connect_by_ansible
from tests.inventory.sshd import Sshd, make_key
from tests.inventory.sshd import start as start_server
from tests.inventory.sshd import stop as stop_server
from tests.inventory.transports.accounts import server_with_accounts

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes accounts in a namespace"),
]

PASSWORD = "pass $w0rd'"
ACCOUNTS = ("free", "asked", "ttyer", "lectured", "factor", "nobodys", "app", "freedoas")
SUDOERS = """
Defaults !syslog
Defaults:lectured lecture=always, lecture_file=/etc/lecture
Defaults:ttyer requiretty
Defaults:factor pam_service=sudo-factor
free ALL=(ALL) NOPASSWD: ALL
asked,ttyer,lectured,factor ALL=(ALL) ALL
"""
DOAS = "permit nopass freedoas\npermit asked\n"
PAM = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
FACTOR = "auth required pam_unix.so\nauth required pam_google_authenticator.so secret=/etc/factor user=root\n"
UNLESS = "auth [success=1 default=ignore] pam_succeed_if.so quiet user != factor\n"
TOKEN = 'JBSWY3DPEHPK3PXPJBSWY3DPEH\n" TOTP_AUTH\n'
EVERY = bytes(range(256)) * 400


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sshd_program: str) -> Iterator[Sshd]:
    folder = tmp_path_factory.mktemp("becoming")
    login = make_key(folder / "login")
    running: list[Sshd] = []

    def start(*lines: str, within: tuple[str, ...]) -> Sshd:
        running.append(start_server(folder / "sshd", sshd_program, lines, within))
        return running[0]

    files = {
        "sudoers": SUDOERS,
        "doas.conf": DOAS,
        "lecture": "\nWe trust you have received the usual lecture. Password: is a word in it.\n\n",
        "pam.d/sudo": PAM,
        "pam.d/su": FACTOR.replace("\nauth", f"\n{UNLESS}auth", 1) + PAM.partition("\n")[2],
        "pam.d/doas": PAM,
        "pam.d/sudo-factor": FACTOR + PAM.partition("\n")[2],
        "factor": TOKEN,
    }
    passwords = dict.fromkeys((*ACCOUNTS,), PASSWORD)
    # A file of ours these accounts could not read.
    keys = (f"AuthorizedKeysCommand /bin/cat {login}.pub", "AuthorizedKeysCommandUser root")
    yield replace(server_with_accounts(start, folder, passwords, *keys, files=files), key=login)
    for one in running:
        stop_server(one)


@pytest.fixture(params=["our own ssh", "the OpenSSH client"])
def arguments(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return () if request.param == "our own ssh" else ("-o", "Ciphers=aes256-ctr")


def _host(server: Sshd, user: str, arguments: tuple[str, ...], **changes: object) -> Host:
    return server.host("web01", *arguments, **{"user": user, "become": True, **changes})


@pytest.mark.parametrize(
    ("user", "changes"),
    [
        ("free", {}),
        ("free", {"become_user": "app"}),
        ("asked", {"become_password": PASSWORD}),
        ("asked", {"become_password": PASSWORD, "become_user": "app"}),
        ("lectured", {"become_password": PASSWORD}),
        ("ttyer", {"become_password": PASSWORD}),
        ("nobodys", {"become_method": "su", "become_user": "app", "become_password": PASSWORD}),
        pytest.param(
            "asked",
            {"become_method": "doas", "become_password": PASSWORD},
            marks=pytest.mark.skipif(shutil.which("doas") is None, reason="no doas"),
        ),
        pytest.param(
            "freedoas",
            {"become_method": "doas", "become_user": "app"},
            marks=pytest.mark.skipif(shutil.which("doas") is None, reason="no doas"),
        ),
    ],
    ids=["sudo", "sudo to app", "sudo -k", "sudo -k to app", "lecture", "requiretty", "su", "doas -k", "doas"],
)
def test_no_byte_is_changed_on_the_way(
    server: Sshd, arguments: tuple[str, ...], user: str, changes: dict[str, object]
) -> None:
    host = _host(server, user, arguments, **changes)
    with connect(host, server.options()) as transport:
        assert transport.privileged == (host.become_user == "root")
        done = transport.run("id -un; cat; exit 3", EVERY)
        assert (done.exit_status, done.stdout) == (3, f"{host.become_user}\n".encode() + EVERY)
        with transport.stream("head -c 300000 /dev/zero") as output:
            assert len(output.read()) == 300_000


@pytest.mark.parametrize(
    ("user", "changes", "sentence"),
    [
        ("asked", {}, "sudo on web01 needs a password"),
        ("asked", {"become_password": "wr0ng"}, "sudo on web01 rejects the password"),
        ("nobodys", {"become_password": PASSWORD}, "denies running /bin/sh as root: .*sudoers"),
        ("asked", {"become_password": PASSWORD, "become_user": "no-such"}, "denies running /bin/sh as no-such"),
        ("nobodys", {"become_method": "su", "become_password": "wr0ng"}, "su on web01 rejects the password"),
        ("nobodys", {"become_method": "su"}, "su on web01 needs a password"),
        pytest.param(
            "nobodys",
            {"become_method": "doas"},
            "doas on web01 denies running /bin/sh as root",
            marks=pytest.mark.skipif(shutil.which("doas") is None, reason="no doas"),
        ),
        pytest.param(
            "asked",
            {"become_method": "doas", "become_password": "wr0ng"},
            "doas on web01 rejects the password",
            marks=pytest.mark.skipif(shutil.which("doas") is None, reason="no doas"),
        ),
    ],
)
def test_a_refusal_is_one_sentence_without_the_password(
    server: Sshd, arguments: tuple[str, ...], user: str, changes: dict[str, object], sentence: str
) -> None:
    host = _host(server, user, arguments, **changes)
    with connect(host, server.options()) as transport, pytest.raises(BecomeRefused, match=sentence) as caught:
        transport.run("true", timeout=20.0)
    assert "wr0ng" not in str(caught.value)


@pytest.mark.skipif(not list(Path("/lib").glob("*/security/pam_google_authenticator.so")), reason="no second factor")
def test_a_second_factor_is_not_waited_for(server: Sshd, arguments: tuple[str, ...]) -> None:
    for user, changes, sentence in (
        ("factor", {}, r"sudo on web01 takes the password and asks for more \(a second factor\?\)"),
        (
            "free",
            {"become_method": "su", "become_user": "factor"},
            "su on web01 asks 'Verification code:', which cannot",
        ),
    ):
        host = _host(server, user, arguments, become_password=PASSWORD, **changes)
        with connect(host, server.options()) as transport, pytest.raises(BecomeRefused, match=sentence):
            transport.run("true", timeout=5.0)


@pytest.mark.parametrize(
    ("user", "password"), [("free", None), ("asked", PASSWORD)], ids=["without a password", "with a password"]
)
def test_the_become_plugins_of_ansible_do_the_same(server: Sshd, user: str, password: str | None) -> None:
    """By Ansible's own ssh and sudo: the way of every method that is not ours."""
    host = _host(server, user, (), become_password=password)
    with connect_by_ansible(host, server.options()) as transport:
        assert isinstance(transport, AnsibleTransport)
        assert (transport.user, transport.privileged) == (user, True)
        assert transport.run("id -un; cat", EVERY).stdout == b"root\n" + EVERY


def test_a_wrong_password_by_ansible_is_told_without_it(server: Sshd) -> None:
    host = _host(server, "asked", (), become_password="wr0ng")
    options: ConnectOptions = server.options()
    with connect_by_ansible(host, options) as transport, pytest.raises(BecomeRefused, match=r"[Pp]assword") as caught:
        transport.run("true")
    assert "wr0ng" not in str(caught.value)
