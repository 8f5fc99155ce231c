"""Every way to log in, with a real server, by our own SSH and by the OpenSSH client."""

from __future__ import annotations

import base64
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.ansible.inventory_file import read_hosts
from inventory.ansible.prompts import Passwords
from inventory.errors import HostError, HostKeyUnknown, HostUnreachable, LoginRefused
from inventory.host import Host
from inventory.transports import ConnectOptions, Transport, connect
from inventory.transports.openssh import OpenSshTransport
from inventory.transports.ssh import SshTransport
from inventory.transports.ssh_keys import beyond_paramiko, cipher, kind
from inventory.transports.ssh_settings import settings_for
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, free_port, make_key, public
from tests.inventory.transports.accounts import server_with_accounts

pytestmark = pytest.mark.live

root = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes accounts in a namespace")

PASSWORD = f"s3cret $word'{os.getpid()}"
WAYS = [pytest.param((), id="our own ssh"), pytest.param(("-o", "Ciphers=aes256-ctr"), id="the OpenSSH client")]


def _says_in(host: Host, options: ConnectOptions) -> Transport:
    with connect(host, options) as transport:
        assert transport.run("echo in; cat", b"put").stdout == b"in\nput"
    return transport


def _seen_of(transport: Transport) -> bytes:
    return transport.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'").stdout


@root
@pytest.mark.parametrize("arguments", WAYS)
class TestPasswords:
    @pytest.fixture
    def server(self, sshd_factory: SshdFactory, tmp_path: Path) -> Sshd:
        return server_with_accounts(sshd_factory, tmp_path, {"tester": PASSWORD}, "PasswordAuthentication yes")

    def test_a_password_logs_in_and_is_seen_nowhere(self, server: Sshd, arguments: tuple[str, ...]) -> None:
        host = server.host("web01", *arguments, user="tester", password=PASSWORD, private_key_file=None)
        with connect(host, server.options()) as transport:
            assert isinstance(transport, OpenSshTransport if arguments else SshTransport)
            assert transport.run("id -un; cat", b"input").stdout == b"tester\ninput"
            with connect(Host("here", "here", connection="local")) as here:
                assert PASSWORD.encode() not in _seen_of(here)
        assert PASSWORD not in repr(host)

    def test_a_wrong_one_is_refused_and_not_told(self, server: Sshd, arguments: tuple[str, ...]) -> None:
        host = server.host("web01", *arguments, user="tester", password="wr0ng", private_key_file=None)
        with pytest.raises(LoginRefused, match="denied the login of tester") as caught:
            _says_in(host, server.options())
        assert "wr0ng" not in str(caught.value)

    def test_a_key_and_then_a_password(
        self, sshd_factory: SshdFactory, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        """As servers ask whose AuthenticationMethods want both."""
        login = make_key(tmp_path / "login")
        both = (
            "PasswordAuthentication yes",
            "AuthenticationMethods publickey,password",
            f"AuthorizedKeysCommand /bin/cat {login}.pub",  # a file of ours the account could not read
            "AuthorizedKeysCommandUser root",
        )
        server = server_with_accounts(sshd_factory, tmp_path, {"tester": PASSWORD}, *both)
        host = server.host("web01", *arguments, user="tester", password=PASSWORD, private_key_file=str(login))
        _says_in(host, server.options())
        with pytest.raises(LoginRefused):
            _says_in(replace(host, password=None), server.options())

    def test_questions_of_pam(self, sshd_factory: SshdFactory, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        """keyboard-interactive: the server makes up the question."""
        lines = ("UsePAM yes", "KbdInteractiveAuthentication yes", "PasswordAuthentication no")
        pam = {
            "pam.d/sshd": "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
        }
        server = server_with_accounts(sshd_factory, tmp_path, {"tester": PASSWORD}, *lines, files=pam)
        host = server.host("web01", *arguments, user="tester", password=PASSWORD, private_key_file=None)
        _says_in(host, server.options())
        with pytest.raises(LoginRefused):
            _says_in(replace(host, password="wr0ng"), server.options())

    def test_the_password_of_the_vault(self, server: Sshd, tmp_path: Path, arguments: tuple[str, ...]) -> None:
        word = tmp_path / "vault"
        word.write_text("open sesame\n")
        program = str(Path(sys.executable).parent / "ansible-vault")
        sealed = subprocess.run(
            [program, "encrypt_string", "--vault-password-file", str(word), "-n", "ansible_password", PASSWORD],
            capture_output=True,
            text=True,
            check=True,
        ).stdout  # fmt: skip
        inventory = tmp_path / "hosts.yml"
        words = " ".join(
            ("-F none", "-o", f"UserKnownHostsFile={server.known_hosts}", "-o IdentityAgent=none", *arguments)
        )
        inventory.write_text(
            f"all:\n  hosts:\n    web01:\n      ansible_host: {ADDRESS}\n      ansible_port: {server.port}\n"
            f"      ansible_user: tester\n      ansible_ssh_common_args: '{words}'\n"
            + "".join(f"      {line}\n" for line in sealed.splitlines())
        )
        (host,) = read_hosts(inventory, vault_password_file=word)
        _says_in(host, ConnectOptions(connect_timeout=5.0))


@pytest.mark.parametrize("arguments", WAYS)
class TestKeys:
    def test_a_passphrase(self, sshd: Sshd, arguments: tuple[str, ...]) -> None:
        """Asked for once for all hosts, so a key without one must not mind."""
        host = Passwords(passphrase="open sesame").fill([sshd.host("web01", *arguments)])[0]
        _says_in(host, sshd.options())
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(sshd.key)], check=True)
        _says_in(host, sshd.options())
        wrong = Passwords(passphrase="open barley").fill([sshd.host("web01", *arguments)])[0]
        with pytest.raises(LoginRefused) as caught:
            _says_in(wrong, sshd.options())
        assert "barley" not in str(caught.value)

    def test_the_passphrase_is_no_answer_to_what_a_server_asks(
        self, sshd_factory: SshdFactory, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        if os.geteuid() != 0:
            pytest.skip("makes an account")
        server = server_with_accounts(sshd_factory, tmp_path, {"tester": "open sesame"}, "PasswordAuthentication yes")
        host = server.host("web01", *arguments, user="tester", private_key_file=None)
        with pytest.raises(LoginRefused):
            _says_in(Passwords(passphrase="open sesame").fill([host])[0], server.options())

    def test_certificates_of_the_user(
        self, sshd_factory: SshdFactory, tmp_path: Path, arguments: tuple[str, ...]
    ) -> None:
        authority = make_key(tmp_path / "ca")
        server = sshd_factory(f"TrustedUserCAKeys {authority}.pub")
        (server.folder / "authorized_keys").write_text("")
        with pytest.raises(LoginRefused):
            _says_in(server.host("web01", *arguments), server.options())
        sign = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", "-n", server.user, f"{server.key}.pub"]
        subprocess.run(sign, check=True, stderr=subprocess.DEVNULL)
        _says_in(server.host("web01", *arguments), server.options())


def test_a_host_whose_key_an_authority_certifies(sshd_factory: SshdFactory, tmp_path: Path) -> None:
    """paramiko knows no certificates of hosts, so the OpenSSH client connects where only an authority is known."""
    authority, host_key = make_key(tmp_path / "ca"), make_key(tmp_path / "key")
    sign = ["ssh-keygen", "-q", "-s", str(authority), "-I", "web01", "-h", "-n", ADDRESS, f"{host_key}.pub"]
    subprocess.run(sign, check=True, stderr=subprocess.DEVNULL)
    server = sshd_factory(f"HostKey {host_key}", f"HostCertificate {host_key}-cert.pub")
    kind_of, encoded = public(authority)
    known = tmp_path / "known"
    known.write_text(f"@cert-authority [127.0.79.*]:* {kind_of} {encoded}\n")
    assert isinstance(_says_in(server.host(), server.options(known_hosts=known)), OpenSshTransport)
    kind_of, encoded = public(make_key(tmp_path / "other"))
    known.write_text(f"@cert-authority [127.0.79.*]:* {kind_of} {encoded}\n")
    with pytest.raises(HostKeyUnknown):
        _says_in(server.host(), server.options(known_hosts=known))


class TestKindsOfKey:
    def test_kinds_are_told_without_opening_the_file(self, tmp_path: Path) -> None:
        key = make_key(tmp_path / "key", "-t", "ecdsa")
        assert (kind(key.read_bytes()), cipher(key.read_bytes())) == ("ecdsa-sha2-nistp256", "none")
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(key)], check=True)
        assert (kind(key.read_bytes()), cipher(key.read_bytes())) == ("ecdsa-sha2-nistp256", "aes256-ctr")
        assert beyond_paramiko(key) == beyond_paramiko(tmp_path / "nope") == ""

    @pytest.mark.parametrize("name", ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"])
    def test_keys_on_a_token_go_to_the_openssh_client(self, tmp_path: Path, name: str) -> None:
        def text(data: bytes) -> bytes:
            return struct.pack(">I", len(data)) + data

        body = b"openssh-key-v1\0" + text(b"none") + text(b"none") + text(b"") + struct.pack(">I", 1)
        body += text(text(name.encode()) + text(b"x" * 32) + text(b"ssh:")) + text(b"")
        file = tmp_path / "key"
        encoded = base64.encodebytes(body).decode()
        file.write_text(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{encoded}-----END OPENSSH PRIVATE KEY-----\n")
        assert settings_for(Host("web01", "x", private_key_file=str(file)), ConnectOptions()).beyond == (
            f"a key of kind {name}",
        )

    @pytest.mark.parametrize("content", [b"", b"\0" * 100, b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbg\n-----END"])
    def test_what_is_no_key_has_no_kind(self, content: bytes) -> None:
        assert (kind(content), cipher(content)) == ("", "")


class TestOldServers:
    """What servers before about 2014 offer, and nothing else."""

    @pytest.mark.parametrize(
        "lines",
        [
            ("KexAlgorithms diffie-hellman-group1-sha1", "Ciphers aes128-cbc", "MACs hmac-sha1"),
            ("KexAlgorithms diffie-hellman-group14-sha1", "Ciphers 3des-cbc", "MACs hmac-md5"),
            ("KexAlgorithms diffie-hellman-group-exchange-sha1", "Ciphers aes256-cbc", "MACs hmac-sha1"),
        ],
        ids=["EL5", "older", "EL6"],
    )
    def test_only_where_it_was_asked_for(
        self, sshd_factory: SshdFactory, tmp_path: Path, lines: tuple[str, ...]
    ) -> None:
        """With ssh-rsa as the only kind of host key and signature, as OpenSSH 4.3 and 5.3 have it."""
        rsa = make_key(tmp_path / "rsa", "-t", "rsa", "-b", "2048")
        login = make_key(tmp_path / "rsa_login", "-t", "rsa", "-b", "2048")
        only = ("HostKeyAlgorithms ssh-rsa", "PubkeyAcceptedAlgorithms ssh-rsa", f"HostKey {rsa}")
        old = sshd_factory(*lines, *only)
        (old.folder / "authorized_keys").write_bytes(Path(f"{login}.pub").read_bytes())
        kind_of, encoded = public(rsa)
        old.known_hosts.write_text(f"[{ADDRESS}]:{old.port} {kind_of} {encoded}\n")
        host = old.host(private_key_file=str(login))
        with pytest.raises(HostUnreachable, match="--legacy-crypto"):
            _says_in(host, old.options())
        assert isinstance(_says_in(host, old.options(legacy_crypto=True)), OpenSshTransport)

    @root
    def test_with_a_password(self, sshd_factory: SshdFactory, tmp_path: Path) -> None:
        lines = ("KexAlgorithms diffie-hellman-group1-sha1", "Ciphers aes128-cbc", "PasswordAuthentication yes")
        old = server_with_accounts(sshd_factory, tmp_path, {"tester": PASSWORD}, *lines)
        host = old.host(user="tester", password=PASSWORD, private_key_file=None)
        _says_in(host, old.options(legacy_crypto=True))

    @pytest.mark.skipif(shutil.which("dropbear") is None or os.geteuid() != 0, reason="no dropbear")
    def test_dropbear(self, tmp_path: Path) -> None:
        """Another server than OpenSSH, as appliances have it."""
        key, login = tmp_path / "host", make_key(tmp_path / "login", "-t", "rsa", "-b", "2048")
        subprocess.run(["dropbearkey", "-t", "rsa", "-f", str(key)], check=True, capture_output=True)
        private = tempfile.TemporaryDirectory(dir="/run")  # dropbear wants a path that nobody else can write to
        folder = Path(private.name)
        shutil.copy(f"{login}.pub", folder / "authorized_keys")
        port = free_port()
        # It takes no other HOME, and the ~/.bashrc of root has no place in the test.
        own_home = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none ~ && exec "$@"', "sh"]
        server = subprocess.Popen(
            [
                *own_home,
                "dropbear",
                "-F",
                "-E",
                "-s",
                "-r",
                str(key),
                "-p",
                f"{ADDRESS}:{port}",
                "-D",
                str(folder),
                "-P",
                "",
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            host = Host(
                "box", ADDRESS, port=port, user="root", private_key_file=str(login), ssh_arguments=("-F", "none")
            )
            options = ConnectOptions(tmp_path / "known", accept_new_host_keys=True, connect_timeout=5.0)
            for _ in range(50):
                try:
                    with connect(host, options) as transport:
                        assert "dropbear" in transport.banner
                        assert transport.run("id -un; cat", b"input").stdout == b"root\ninput"
                    break
                except HostUnreachable:
                    assert server.poll() is None
                    subprocess.run(["sleep", "0.1"], check=True)
            else:
                raise AssertionError("dropbear does not listen")
        finally:
            server.terminate()
            server.wait()
            private.cleanup()


class TestOnTheWay:
    def test_a_jump_host_that_only_the_openssh_client_can_use(self, sshd_factory: SshdFactory, tmp_path: Path) -> None:
        jump, behind = sshd_factory("Ciphers aes256-ctr"), sshd_factory()
        known = tmp_path / "known"
        known.write_text(jump.known_hosts.read_text() + behind.known_hosts.read_text())
        config = tmp_path / "config"
        config.write_text(
            f"Host gate\n HostName {ADDRESS}\n Port {jump.port}\n User {jump.user}\n IdentityFile {jump.key}\n"
            f" Ciphers aes256-ctr\n UserKnownHostsFile {known}\n IdentityAgent none\n"
            f"Host web01\n HostName {ADDRESS}\n Port {behind.port}\n User {behind.user}\n IdentityFile {behind.key}\n"
            f" ProxyJump gate\n UserKnownHostsFile {known}\n IdentityAgent none\n"
        )
        host = Host("web01", "web01", ssh_arguments=("-F", str(config)))
        assert isinstance(_says_in(host, ConnectOptions(known, connect_timeout=5.0)), OpenSshTransport)

    def test_a_configuration_with_patterns_includes_and_matches(self, sshd: Sshd, tmp_path: Path) -> None:
        (tmp_path / "more").write_text(f"Match host *.example user {sshd.user}\n IdentityFile {sshd.key}\n")
        config = tmp_path / "config"
        config.write_text(
            f"Include {tmp_path}/mor?\nHost *.example !db.example\n HostName {ADDRESS}\n Port {sshd.port}\n"
            f" UserKnownHostsFile {sshd.known_hosts}\n IdentityAgent none\n"
        )
        host = Host("web", "web.example", user=sshd.user, ssh_arguments=("-F", str(config)))
        _says_in(host, ConnectOptions(connect_timeout=5.0))
        with pytest.raises(HostError):
            _says_in(replace(host, address="db.example"), ConnectOptions(connect_timeout=2.0))
