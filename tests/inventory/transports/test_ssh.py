"""Our own SSH against a real server on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.errors import (
    HostError,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    LoginRefused,
)
from inventory.host import Host
from inventory.transports import ConnectOptions, Interrupted, connect
from tests.inventory.sshd import ADDRESS, Sshd, SshdFactory, fingerprint_of, free_port, make_key, public

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
        with pytest.raises(Interrupted, match=r"did not end within 1 s") as caught:
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
    with connect(sshd.host(), sshd.options()) as transport, pytest.raises(HostError, match="prints without end"):
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


class TestHostKeys:
    def test_an_unknown_key_is_refused_with_the_way_to_accept_it(self, sshd: Sshd, tmp_path: Path) -> None:
        options = sshd.options(known_hosts=tmp_path / "none")
        host = sshd.host("web01", "-o", "UserKnownHostsFile=/dev/null")
        with pytest.raises(HostKeyUnknown) as caught, connect(host, options):
            pass
        sentence = str(caught.value)
        assert fingerprint_of(sshd.host_key) in sentence
        assert "--accept-new-host-keys" in sentence
        assert f"ssh-keyscan -p {sshd.port} {ADDRESS}" in sentence

    def test_an_accepted_key_is_kept_in_the_workspace_and_known_from_then_on(self, sshd: Sshd, tmp_path: Path) -> None:
        kept = tmp_path / "known_hosts"
        with connect(sshd.host(), sshd.options(known_hosts=kept, accept_new_host_keys=True)):
            pass
        assert kept.read_text() == sshd.known_hosts.read_text()
        assert kept.stat().st_mode & 0o777 == 0o600
        with connect(sshd.host(), sshd.options(known_hosts=kept)) as transport:
            assert transport.run("echo in").stdout == b"in\n"

    @pytest.mark.parametrize("accept", [False, True])
    def test_a_changed_key_is_refused_even_where_new_ones_are_accepted(
        self, sshd: Sshd, tmp_path: Path, accept: bool
    ) -> None:
        other = make_key(tmp_path / "other")
        kind, key = public(other)
        sshd.known_hosts.write_text(f"# comment\n[{ADDRESS}]:{sshd.port} {kind} {key}\n")
        with pytest.raises(HostKeyChanged) as caught, connect(sshd.host(), sshd.options(accept_new_host_keys=accept)):
            pass
        assert all(fingerprint_of(one) in str(caught.value) for one in (other, sshd.host_key))
        assert f"{sshd.known_hosts}:2" in str(caught.value)

    def test_a_key_of_another_kind_does_not_pass_as_new(self, sshd: Sshd, tmp_path: Path) -> None:
        other = make_key(tmp_path / "other", "-t", "ecdsa")
        kind, key = public(other)
        sshd.known_hosts.write_text(f"[{ADDRESS}]:{sshd.port} {kind} {key}\n")
        with pytest.raises(HostKeyChanged), connect(sshd.host(), sshd.options(accept_new_host_keys=True)):
            pass

    def test_the_kind_of_key_that_is_known_is_asked_for(self, sshd_factory: SshdFactory, tmp_path: Path) -> None:
        second = make_key(tmp_path / "second", "-t", "ecdsa")
        sshd = sshd_factory(f"HostKey {second}")
        kind, key = public(second)
        sshd.known_hosts.write_text(f"[{ADDRESS}]:{sshd.port} {kind} {key}\n")
        with connect(sshd.host(), sshd.options()) as transport:
            assert transport.run("echo in").stdout == b"in\n"

    def test_the_arguments_of_the_inventory_decide_like_those_of_ssh(self, sshd: Sshd, tmp_path: Path) -> None:
        empty = sshd.options(known_hosts=tmp_path / "workspace")
        with connect(sshd.host("web01", "-o", f"UserKnownHostsFile={sshd.known_hosts}"), empty):
            pass
        lax = ("-o", "StrictHostKeyChecking=no")
        with connect(sshd.host("web01", *lax, "-o", "UserKnownHostsFile=/dev/null"), empty):
            pass
        assert not (tmp_path / "workspace").exists(), "/dev/null says that keys shall not be remembered"
        with connect(sshd.host("web01", *lax), empty):
            pass
        assert (tmp_path / "workspace").exists()


class TestLogin:
    def test_a_wrong_key_is_refused_with_what_was_tried(self, sshd: Sshd, tmp_path: Path) -> None:
        wrong = make_key(tmp_path / "wrong")
        with pytest.raises(LoginRefused) as caught, connect(sshd.host(private_key_file=str(wrong)), sshd.options()):
            pass
        assert f"refuses the login of {sshd.user}: tried key {wrong}; it takes publickey" in str(caught.value)

    def test_a_missing_key_file_is_named(self, sshd: Sshd) -> None:
        host = sshd.host(private_key_file="/nowhere/key")
        with pytest.raises(LoginRefused, match=r"/nowhere/key does not exist"), connect(host, sshd.options()):
            pass

    def test_a_file_that_is_no_key_is_named(self, sshd: Sshd, tmp_path: Path) -> None:
        (tmp_path / "key").write_text("not a key\n")
        host = sshd.host(private_key_file=str(tmp_path / "key"))
        with pytest.raises(LoginRefused, match="holds no private key"), connect(host, sshd.options()):
            pass

    @pytest.mark.parametrize("kind", [("-t", "rsa"), ("-t", "ecdsa"), ("-t", "rsa", "-m", "PEM")])
    def test_keys_of_every_kind_log_in(self, sshd: Sshd, tmp_path: Path, kind: tuple[str, ...]) -> None:
        key = make_key(tmp_path / "key", *kind)
        (sshd.folder / "authorized_keys").write_bytes(Path(f"{key}.pub").read_bytes())
        with connect(sshd.host(private_key_file=str(key)), sshd.options()) as transport:
            assert transport.run("echo in").stdout == b"in\n"

    def test_a_key_with_a_passphrase_says_how_to_use_it(self, sshd: Sshd) -> None:
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

    def test_a_certificate_beside_the_key_is_shown(self, sshd_factory: SshdFactory, tmp_path: Path) -> None:
        authority = make_key(tmp_path / "ca")
        sshd = sshd_factory(f"TrustedUserCAKeys {authority}.pub")
        (sshd.folder / "authorized_keys").write_text("")
        sign = ["ssh-keygen", "-q", "-s", str(authority), "-I", "test", "-n", sshd.user, f"{sshd.key}.pub"]
        subprocess.run(sign, check=True, stderr=subprocess.DEVNULL)
        with connect(sshd.host(), sshd.options()) as transport:
            assert transport.run("echo in").stdout == b"in\n"

    def test_a_key_of_the_agent_logs_in(
        self, sshd: Sshd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, agent: str
    ) -> None:
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


class TestUnreachable:
    def test_nobody_listens(self) -> None:
        with (
            pytest.raises(HostUnreachable, match="refuses connections"),
            connect(Host("web01", ADDRESS, port=free_port(), ssh_arguments=("-F", "none"))),
        ):
            pass

    def test_the_name_has_no_address(self) -> None:
        host = Host("web01", "web01.invalid", ssh_arguments=("-F", "none"))
        with pytest.raises(HostUnreachable, match=r"'web01\.invalid' of web01 has no address"), connect(host):
            pass

    @pytest.mark.parametrize(
        ("says", "sentence"),
        [
            (b"", r"says nothing within 1 s"),
            (b"SSH-2.0-Sleepy\r\n", r"says nothing within 1 s"),
            (b"220 mail \033[2J ESMTP\r\n", r"is no SSH server: it says '220 mail \[2J ESMTP'"),
            (b"HTTP/1.0 400 Bad Request\r\n\r\n" * 200, r"is no SSH server"),
        ],
    )
    def test_who_listens_does_not_speak_ssh(self, says: bytes, sentence: str) -> None:
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

    def test_the_server_hangs_up(self) -> None:
        with socket.create_server((ADDRESS, 0)) as server:

            def hang_up() -> None:
                while True:
                    try:
                        server.accept()[0].close()
                    except OSError:
                        return

            threading.Thread(target=hang_up, daemon=True).start()
            host = Host("web01", ADDRESS, port=server.getsockname()[1], ssh_arguments=("-F", "none"))
            with pytest.raises(HostUnreachable, match="ends it before the login"), connect(host):
                pass


class TestWays:
    def test_through_two_jump_hosts(self, sshd_factory: SshdFactory, tmp_path: Path) -> None:
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

    def test_the_key_of_a_jump_host_is_checked_too(self, sshd_factory: SshdFactory) -> None:
        gate, last = sshd_factory(), sshd_factory()
        host = last.host("web01", "-J", f"{gate.user}@{ADDRESS}:{gate.port}", "-o", "UserKnownHostsFile=none")
        with pytest.raises(HostKeyUnknown, match=r"web01 via"), connect(host, last.options()):
            pass

    def test_through_a_command(self, sshd: Sshd) -> None:
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

    def test_the_configuration_of_the_user_counts(self, sshd: Sshd, tmp_path: Path) -> None:
        included = tmp_path / "included"
        included.write_text(f"Host web*\n  HostName {ADDRESS}\n  Port {sshd.port}\n")
        configuration = tmp_path / "config"
        configuration.write_text(f"Include {included}\nMatch host {ADDRESS}\n  IdentityFile {sshd.key}\n")
        host = Host("web01", "web01", user=sshd.user, ssh_arguments=("-F", str(configuration)))
        with connect(host, sshd.options()) as transport:
            assert transport.run("echo in").stdout == b"in\n"
