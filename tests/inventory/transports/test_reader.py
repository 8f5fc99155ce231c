"""An account that may run the one command of a build and of a pilot: it reads everything and changes nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.host.answer_parts import ask
from containerize.host.file_survey import _reads_everything
from containerize.host.process_listing import parts, read_processes
from containerize.transfer.host_hashes import hash_files
from containerize.transfer.transfer_commands import tar_command
from inventory.errors import BecomeRefused
from inventory.host import Host
from inventory.probe.privileges import BUILD_AND_PILOT, sudoers
from inventory.transports import connect
from tests.inventory.sshd import Sshd, make_key
from tests.inventory.sshd import start as start_server
from tests.inventory.sshd import stop as stop_server
from tests.inventory.transports.accounts import server_with_accounts

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes accounts in a namespace"),
    pytest.mark.skipif(not Path("/usr/bin/setpriv").exists(), reason="no setpriv"),
]

LOG = Path(f"/tmp/assess-test-sudo-log-{os.getpid()}")
PAM = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sshd_program: str) -> Iterator[Sshd]:
    folder = tmp_path_factory.mktemp("reader")
    login = make_key(folder / "login")
    running: list[Sshd] = []

    def start(*lines: str, within: tuple[str, ...]) -> Sshd:
        running.append(start_server(folder / "sshd", sshd_program, lines, within))
        return running[0]

    rules = f"Defaults logfile={LOG}, !syslog, loglinelen=0\n{sudoers([BUILD_AND_PILOT], 'builder')}"
    keys = (f"AuthorizedKeysCommand /bin/cat {login}.pub", "AuthorizedKeysCommandUser root")
    files = {"sudoers": rules, "pam.d/sudo": PAM}
    accounts = {"builder": "x", "other": "x"}
    yield replace(server_with_accounts(start, folder, accounts, *keys, files=files), key=login)
    for one in running:
        stop_server(one)
    LOG.unlink(missing_ok=True)


@pytest.fixture(params=["our own ssh", "the OpenSSH client"])
def arguments(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return () if request.param == "our own ssh" else ("-o", "Ciphers=aes256-ctr")


def reading(server: Sshd, user: str, *arguments: str) -> Host:
    host = server.host("web01", *arguments, user=user, become=True)
    return replace(host, variables={**host.variables, "assess_become_reader": "true"})


def test_it_reads_what_only_root_may(server: Sshd, arguments: tuple[str, ...]) -> None:
    every = bytes(range(256)) * 500
    with connect(reading(server, "builder", *arguments), server.options()) as transport:
        done = transport.run("cat; printf '%s' \"a b\\\\c!\" >&2; exit 3", every)
        assert (done.exit_status, done.stdout, done.stderr) == (3, every, b"a b\\c!")
        assert b"root:" in transport.run("cat /etc/shadow").stdout
        assert b"PATH=" in transport.run("tr '\\0' '\\n' </proc/$PPID/environ; tr '\\0' '\\n' </proc/1/environ").stdout
        with transport.stream("head -c 3000000 /dev/zero") as output:
            assert len(output.read()) == 3_000_000


@pytest.mark.parametrize(
    "command",
    [
        "echo x >/etc/assess-test",
        "chmod 644 /etc/shadow",
        "kill -0 1",
        "chown builder /etc/passwd",
        "mount -t tmpfs none /mnt",
        "su -c id",
        "sudo -n id",
        "chroot / id",
        "setpriv --reuid=0 id",
    ],
)
def test_it_changes_nothing_and_becomes_nobody(server: Sshd, command: str) -> None:
    with connect(reading(server, "builder"), server.options()) as transport:
        assert transport.run(command).exit_status != 0
    assert not Path("/etc/assess-test").exists()


def test_sudo_ran_that_command_and_refused_none(server: Sshd) -> None:
    LOG.unlink(missing_ok=True)
    with connect(reading(server, "builder"), server.options()) as transport:
        transport.run("true")
        transport.run("cat /etc/shadow")
    lines = LOG.read_text().splitlines()
    assert len(lines) == 2
    assert {line.partition("COMMAND=")[2] for line in lines} == {" ".join(BUILD_AND_PILOT.words)}


def test_it_answers_what_a_build_asks(server: Sshd, tmp_path: Path) -> None:
    """Every process, the hash and the content of a closed file; and a link in its place is not followed."""
    closed = tmp_path / "closed"
    closed.write_text("of root's")
    closed.chmod(0o600)
    link = tmp_path / "link"
    link.symlink_to("/etc/shadow")
    with connect(reading(server, "builder"), server.options()) as transport:
        pid = server.process.pid
        answers = ask(transport, {**parts([pid]), "identity": "grep '^CapEff:' /proc/self/status; id -u"})
        assert _reads_everything(answers["identity"])
        (process,) = read_processes(answers, [pid])
        assert process.environment
        assert process.mapped
        assert process.executable
        digests = hash_files(transport, [str(closed), str(link)], "sha256")
        assert digests == {str(closed): hashlib.sha256(b"of root's").hexdigest()}
        command, names = tar_command(transport, [str(closed), str(link)])
        with transport.stream(command, names) as source, tarfile.open(fileobj=source, mode="r|") as tar:
            sent = {member.name: file.read() for member in tar if (file := tar.extractfile(member)) is not None}
        assert sent == {f".{closed}": b"of root's"}


def test_another_account_is_told_what_it_lacks(server: Sshd) -> None:
    with (
        connect(reading(server, "other"), server.options()) as transport,
        pytest.raises(BecomeRefused, match="assess privileges --for build"),
    ):
        transport.run("true")


def test_nothing_more_is_allowed(server: Sshd) -> None:
    host = server.host("web01", user="builder")
    words = " ".join(f"'{word}'" for word in BUILD_AND_PILOT.words)
    with connect(host, server.options()) as transport:
        for command in ("id", f"{words} more", words.replace("dac_read_search", "all"), "/usr/bin/setpriv id"):
            assert transport.run(f"sudo -n {command} </dev/null").exit_status != 0
