"""Nothing that an account puts into its environment replaces a program that runs on a host, least of all as root."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.store.scan_records import Outcome
from inventory.transports import connect
from inventory.transports.login_shell import portable
from tests.inventory.sshd import Sshd, make_key
from tests.inventory.sshd import start as start_server
from tests.inventory.sshd import stop as stop_server
from tests.inventory.transports.accounts import server_with_accounts

needs_root = pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="makes accounts")

PASSWORD = "tr0ub4dor"
TOOLS = (
    *("awk", "cat", "cut", "date", "df", "du", "env", "expr", "find", "getconf", "grep", "head", "id", "ls"),
    *("md5sum", "nice", "od", "sed", "sh", "sort", "stat", "sudo", "tr", "wc", "xargs"),
)
FUNCTIONS = "[ awk cat command echo find grep head id ls od printf read sed stat test tr type umask".split()  # noqa: SIM905
SUDOERS = "Defaults !env_reset\nDefaults !secure_path\nops ALL=(ALL) NOPASSWD: ALL\n"
PAM = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
SECTIONS = frozenset({"system", "processes", "executables", "packages", "language_packages", "users", "use"})
LOG = Path(f"/tmp/assess-test-planted-{os.getpid()}")


def start_file() -> str:
    """What an attacker who owns the account writes into its ``.bashrc``."""
    functions = "".join(
        f'function {name} {{ /bin/date >>{LOG}; builtin {name} "$@" 2>/dev/null; }}; export -f {name}\n'
        for name in FUNCTIONS
    )
    return f"export PATH=/etc/homes/ops/bin:$PATH ENV=/etc/homes/ops/env BASH_ENV=/etc/homes/ops/env\n{functions}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sshd_program: str) -> Iterator[Sshd]:
    """A host whose /bin/sh is bash, where the account ``ops`` may become root and tries to be asked in root's name."""
    folder = tmp_path_factory.mktemp("planted")
    login = make_key(folder / "login")
    running: list[Sshd] = []

    def start(*lines: str, within: tuple[str, ...]) -> Sshd:
        home = folder / "etc" / "homes" / "ops"
        (home / "bin").mkdir(parents=True)
        (home / ".bashrc").write_text(start_file())
        (home / "env").write_text(f"/bin/date >>{LOG}\n")
        for tool in TOOLS:
            (home / "bin" / tool).write_text(f'#!/bin/dash\n/bin/date >>{LOG}\nexec /usr/bin/{tool} "$@"\n')
            (home / "bin" / tool).chmod(0o755)
        passwd = (folder / "etc" / "passwd").read_text()
        (folder / "etc" / "passwd").write_text(passwd.replace("::/tmp:/bin/sh", "::/etc/homes/ops:/bin/bash"))
        shell = Path("/bin/sh").resolve()
        as_sh = f'mount --bind /usr/bin/bash {shell} && exec "$@"'
        outer = ("unshare", "--mount", "--", "/bin/bash", "-c", as_sh, "sh")
        running.append(start_server(folder / "sshd", sshd_program, lines, (*outer, *within)))
        return running[0]

    files = {"sudoers": SUDOERS, "pam.d/su": PAM, "pam.d/sudo": PAM}
    keys = (f"AuthorizedKeysCommand /bin/cat {login}.pub", "AuthorizedKeysCommandUser root")
    yield replace(server_with_accounts(start, folder, {"ops": PASSWORD}, *keys, files=files), key=login)
    for one in running:
        stop_server(one)


@pytest.fixture
def log() -> Iterator[Path]:
    LOG.write_text("")
    LOG.chmod(0o666)
    yield LOG
    LOG.unlink()


@needs_root
@pytest.mark.live
@pytest.mark.parametrize("way", ["login", "sudo"])
def test_programs_and_functions_of_the_account_are_not_run(way: str, server: Sshd, log: Path) -> None:
    host = server.host("web01", user="ops", become=way != "login")
    with connect(host, server.options()) as transport:
        transport.run("true")
        log.write_text("")  # its own start file runs at every login, whatever is asked
        done = transport.run("id -u; printf x | grep x; test -d / && [ -d / ] && echo y; env; ls / | head -n 1")
        assert done.stdout.splitlines()[:3] == [b"0" if way != "login" else b"61000", b"x", b"y"]
        assert b"/etc/homes/ops/bin" not in done.stdout
        assert b"BASH_FUNC" not in done.stdout
    assert log.read_text() == ""


@needs_root
@pytest.mark.live
def test_a_whole_scan_as_root_runs_none_of_them(server: Sshd, log: Path) -> None:
    host = server.host("web01", user="ops", become=True)
    result = collect_host(host, CollectionRequest(server.options(), b"k" * 32, only=SECTIONS)).result
    assert (result.outcome, result.privileged) == (Outcome.ANSWERED, True)
    assert log.read_text() == ""


@pytest.mark.parametrize("script", ["printf '%s ' \"$PATH\"; env", "printf '%s\\n' \"$PATH\"\nenv"])
@pytest.mark.parametrize("shell", ["dash", "bash", "ksh", "busybox sh", "fish", "csh"])
def test_every_login_shell_starts_a_clean_sh(shell: str, script: str) -> None:
    words = shell.split()
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed")
    planted = {"PATH": "/tmp/planted:/usr/bin:/bin", "HOME": "/root", "LD_AUDIT_TEST": "1", "ENV": "/tmp/planted/env",
               "IFS": "x", "CDPATH": "/tmp", "GREP_OPTIONS": "-v", "PYTHONPATH": "/tmp/planted"}  # fmt: skip
    done = subprocess.run([*words, "-c", f"exec {portable(script)}"], env=planted, capture_output=True, check=True)
    names = {line.partition(b"=")[0] for line in done.stdout.splitlines() if b"=" in line}
    assert b"planted" not in done.stdout
    assert not names & {b"ENV", b"CDPATH", b"GREP_OPTIONS", b"PYTHONPATH", b"LD_AUDIT_TEST", b"IFS"}
    assert b"HOME=/root" in done.stdout
