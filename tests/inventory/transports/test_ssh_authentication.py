"""How our own SSH logs in: keys, certificates, agents and passwords."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.errors import (
    LoginRefused,
)
from inventory.transports import connect
from tests.inventory.sshd import Sshd, SshdFactory, make_key

pytestmark = pytest.mark.live


def test_a_wrong_key_is_refused_with_what_was_tried(sshd: Sshd, tmp_path: Path) -> None:
    wrong = make_key(tmp_path / "wrong")
    with pytest.raises(LoginRefused) as caught, connect(sshd.host(private_key_file=str(wrong)), sshd.options()):
        pass
    assert f"denied the login of {sshd.user}: tried key {wrong}; it accepts publickey" in str(caught.value)


def test_a_missing_key_file_is_named(sshd: Sshd) -> None:
    host = sshd.host(private_key_file="/nowhere/key")
    with pytest.raises(LoginRefused, match=r"/nowhere/key does not exist"), connect(host, sshd.options()):
        pass


def test_a_file_that_is_no_key_is_named(sshd: Sshd, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("not a key\n")
    host = sshd.host(private_key_file=str(tmp_path / "key"))
    with pytest.raises(LoginRefused, match="does not hold a usable private key"), connect(host, sshd.options()):
        pass


@pytest.mark.parametrize("kind", [("-t", "rsa"), ("-t", "ecdsa"), ("-t", "rsa", "-m", "PEM")])
def test_keys_of_every_kind_log_in(sshd: Sshd, tmp_path: Path, kind: tuple[str, ...]) -> None:
    key = make_key(tmp_path / "key", *kind)
    (sshd.folder / "authorized_keys").write_bytes(Path(f"{key}.pub").read_bytes())
    with connect(sshd.host(private_key_file=str(key)), sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"


def test_a_key_with_a_passphrase_says_how_to_use_it(sshd: Sshd) -> None:
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(sshd.key)], check=True)
    with (
        pytest.raises(LoginRefused, match=r"needs a passphrase; add it to the agent with ssh-add"),
        connect(sshd.host(), sshd.options()),
    ):
        pass
    right = sshd.host(variables={"ansible_ssh_private_key_passphrase": "open sesame"})
    with connect(right, sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"
    wrong = sshd.host(variables={"ansible_ssh_private_key_passphrase": "open barley"})
    with (
        pytest.raises(LoginRefused, match="passphrase that was given does not open") as caught,
        connect(wrong, sshd.options()),
    ):
        pass
    assert "barley" not in str(caught.value)


def test_a_certificate_beside_the_key_is_shown(sshd_factory: SshdFactory, tmp_path: Path) -> None:
    authority = make_key(tmp_path / "ca")
    sshd = sshd_factory(f"TrustedUserCAKeys {authority}.pub")
    (sshd.folder / "authorized_keys").write_text("")
    sign = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", "-n", sshd.user, f"{sshd.key}.pub"]
    subprocess.run(sign, check=True, stderr=subprocess.DEVNULL)
    with connect(sshd.host(), sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"


def test_a_key_of_the_agent_logs_in(sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: str) -> None:
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    subprocess.run(["ssh-add", "-q", str(sshd.key)], check=True)
    sshd.key.unlink()
    host = sshd.host(private_key_file=None, ssh_arguments=("-F", "none", "-o", "IdentityFile=/nowhere"))
    with connect(host, sshd.options()) as transport:
        assert transport.run("echo in").stdout == b"in\n"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    path = tmp_path / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    while not path.exists():
        assert process.poll() is None
    yield str(path)
    process.terminate()
    process.wait()


@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes an account in a mount namespace"
)
class TestPassword:
    @pytest.fixture
    def with_account(self, sshd_factory: SshdFactory, tmp_path: Path) -> Sshd:
        """A server that sees an account ``tester`` with a password, made in its own mount namespace only."""
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "s3cret word"], capture_output=True, text=True, check=True
        ).stdout.strip()
        lines = {"passwd": "tester:x:0:0::/tmp:/bin/sh\n", "shadow": f"tester:{hashed}:19000:0:99999:7:::\n"}
        mounts = ""
        for name, line in lines.items():
            copy = tmp_path / name
            copy.write_text(Path("/etc", name).read_text() + line)
            mounts += f"mount --bind {copy} /etc/{name} && "
        within = ("unshare", "--mount", "--", "/bin/sh", "-c", mounts + 'exec "$@"', "sh")
        return sshd_factory("PasswordAuthentication yes", "MaxAuthTries 20", within=within)

    def test_the_password_of_the_inventory_logs_in(self, with_account: Sshd) -> None:
        host = with_account.host(user="tester", password="s3cret word", private_key_file=None)
        with connect(host, with_account.options()) as transport:
            assert transport.run("echo in").stdout == b"in\n"
        assert "s3cret" not in repr(host)

    def test_a_wrong_password_is_refused_and_not_told(self, with_account: Sshd) -> None:
        host = with_account.host(user="tester", password="wrong word", private_key_file=None)
        with (
            pytest.raises(LoginRefused, match=r"the password of the inventory") as caught,
            connect(host, with_account.options()),
        ):
            pass
        assert "wrong word" not in str(caught.value)
