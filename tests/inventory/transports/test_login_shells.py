"""Login shells of every kind, with start files that print or become another program, and those that let nobody work."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from inventory.errors import HostError
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.store.scan_records import Outcome
from inventory.transports import connect
from tests.inventory.sshd import Sshd, make_key
from tests.inventory.sshd import start as start_server
from tests.inventory.sshd import stop as stop_server
from tests.inventory.transports.accounts import server_with_accounts

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes accounts in a namespace"),
]


@dataclass(frozen=True)
class Account:
    """An account of the host: its shell, and its start file with what stands in it."""

    shell: str
    start: str = ""
    content: str = ""


NOISE = "echo 'Welcome to \033[31mweb01'\necho odd >&2\n"
WORKING = {
    "fish": Account("fish"),
    "csh": Account("csh"),
    "tcsh": Account("tcsh"),
    "bash": Account("bash"),
    "ksh": Account("ksh"),
    "fishprints": Account("fish", ".config/fish/config.fish", NOISE),
    "cshprints": Account("csh", ".cshrc", "echo 'Welcome to web01'\n"),
    "bashprints": Account("bash", ".bashrc", NOISE),
    "fails": Account("bash", ".bashrc", "no-such-command\nfalse\n"),
    # What people write who may not change their shell.
    "execsfish": Account("bash", ".bashrc", 'exec fish -c "$BASH_EXECUTION_STRING"\n'),
    "execscsh": Account("bash", ".bashrc", 'exec csh -c "$BASH_EXECUTION_STRING"\n'),
}
REFUSING = {
    "restricted": (Account("rbash"), r"ended without running a command: .*restricted"),
    "nologin": (Account("nologin"), r"ended without running a command: .*not available"),
    "false": (Account("false"), r"ended without running a command: is the account allowed to run commands\?"),
    "exits": (Account("bash", ".bashrc", "exit 0\n"), r"ended without running a command"),
    "sftponly": (Account("bash"), r"ended without running a command|did not run a command within"),
    # It waits for what we would say, and we for it.
    "execscat": (Account("bash", ".bashrc", "exec cat\n"), r"did not run a command within 2 s"),
    "hangs": (Account("bash", ".bashrc", "sleep 600\n"), r"did not run a command within 2 s"),
    "endless": (Account("bash", ".bashrc", "exec cat /dev/zero\n"), r"prints endlessly"),
}
EVERYBODY = WORKING | {name: account for name, (account, _) in REFUSING.items()}


def path_of(shell: str) -> str | None:
    return shutil.which(shell, path=f"/bin:/usr/bin:/sbin:/usr/sbin:{os.environ.get('PATH', '')}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sshd_program: str) -> Iterator[Sshd]:
    """An SSH server with all these accounts; their homes are in its own /etc, so nobody else has them."""
    folder = tmp_path_factory.mktemp("shells")
    login = make_key(folder / "login")
    running: list[Sshd] = []

    def start(*lines: str, within: tuple[str, ...]) -> Sshd:
        for name, account in EVERYBODY.items():
            home = folder / "etc" / "homes" / name
            home.mkdir(parents=True)
            if account.start:
                file = home / account.start
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(account.content)
        running.append(start_server(folder / "sshd", sshd_program, lines, within))
        return running[0]

    passwd = "".join(
        f"{name}:x:{number}:{number}::/etc/homes/{name}:{path_of(account.shell) or '/bin/sh'}\n"
        for number, (name, account) in enumerate(EVERYBODY.items(), 61000)
    )
    lines = (
        f"AuthorizedKeysCommand /bin/cat {login}.pub",
        "AuthorizedKeysCommandUser root",
        "Subsystem sftp internal-sftp",
    )
    only_sftp = "\nMatch User sftponly\n ForceCommand internal-sftp\nMatch all"
    files = {"passwd": Path("/etc/passwd").read_text() + passwd}
    yield replace(server_with_accounts(start, folder, {}, *lines, only_sftp, files=files), key=login)
    for one in running:
        stop_server(one)


@pytest.fixture(params=["our own ssh", "the OpenSSH client"])
def arguments(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return () if request.param == "our own ssh" else ("-o", "Ciphers=aes256-ctr")


@pytest.mark.parametrize("name", sorted(WORKING))
def test_a_shell_hands_over_the_probe(server: Sshd, arguments: tuple[str, ...], name: str) -> None:
    """Every byte, and the answer without the noise; then the probe, of which some questions are enough."""
    if path_of(WORKING[name].shell) is None:
        pytest.skip(f"no {WORKING[name].shell}")
    host = server.host("web01", *arguments, user=name)
    with connect(host, server.options()) as transport:
        done = transport.run("printf '%s|' \"it's\" 'a!b' \"c\\\\d\"; cat; exit 3", bytes(range(256)))
        assert (done.exit_status, done.stdout) == (3, b"it's|a!b|c\\d|" + bytes(range(256)))
        assert (b"Welcome" in done.noise) == ("prints" in name)
    question = CollectionRequest(server.options(), b"k" * 32, only=frozenset({"system", "users", "sockets"}))
    result = collect_host(host, question).result
    assert (result.outcome, result.reason) == (Outcome.ANSWERED, "")
    assert result.recording is not None
    assert result.recording.missing == {}


@pytest.mark.parametrize("name", sorted(REFUSING))
def test_a_shell_that_runs_nothing_is_told_in_one_sentence(server: Sshd, arguments: tuple[str, ...], name: str) -> None:
    account, sentence = REFUSING[name]
    if path_of(account.shell) is None:
        pytest.skip(f"no {account.shell}")
    with connect(server.host("web01", *arguments, user=name), server.options()) as transport:
        with pytest.raises(HostError, match=sentence) as caught:
            transport.run("true", timeout=2.0)
        assert str(caught.value).isprintable()
