"""Becoming root: the password goes only where it was asked for, and never where it could be seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.errors import BecomeRefused, HostError
from inventory.host import Host
from inventory.transports import connect
from inventory.transports.become import escalation_for, runs_as_root
from inventory.transports.local import LocalTransport

PASSWORD = "pass $w0rd'"

# A stand-in for faults that a working sudo does not have. It reads what it is sent, and tells how it was called.
STAND_IN = r"""#!/bin/sh
echo "$@" >> {log}
while [ $# -gt 0 ] && [ "$1" != -- ]; do [ "$1" = -p ] && prompt=$2; shift; done
[ $# -gt 0 ] && shift
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def _host(tmp_path: Path, log: Path, body: str, password: str | None = PASSWORD) -> Host:
    program = tmp_path / "sudo"
    program.write_text(STAND_IN.replace("{log}", str(log)) + body)
    program.chmod(0o755)
    # Another user than root, since as root nothing has to be done to become root.
    return Host(
        "web01",
        "localhost",
        connection="local",
        become=True,
        become_user="someone",
        become_password=password,
        variables={"ansible_become_exe": str(program)},
    )


ASKS = 'printf %s "$prompt" >&2; IFS= read -r word; printf "%s" "$word" > {log}.password; exec "$@"'


def test_the_password_is_sent_to_who_asks_and_is_no_argument(tmp_path: Path, log: Path) -> None:
    host = _host(tmp_path, log, ASKS.replace("{log}", str(log)))
    with connect(host) as transport:
        done = transport.run("cat", b"input of the command")
    assert done.stdout == b"input of the command"
    assert done.stderr == b"", "neither the question nor the answer is left in what the command said"
    assert Path(f"{log}.password").read_text() == PASSWORD
    assert PASSWORD not in log.read_text()
    assert " -S -p " in log.read_text()
    assert PASSWORD not in repr(host)
    assert PASSWORD not in repr(escalation_for(host, "ops"))


def test_nobody_who_asks_with_other_words_gets_the_password(tmp_path: Path, log: Path) -> None:
    body = f'echo "[sudo] password for ops:" >&2; IFS= read -r word; printf "%s" "$word" > {log}.password; exit 1'
    host = _host(tmp_path, log, "( sleep 1; kill $$ ) & " + body)
    with connect(host) as transport, pytest.raises(BecomeRefused):
        transport.run("true")
    assert not Path(f"{log}.password").exists()


def test_who_asks_twice_does_not_get_it_twice(tmp_path: Path, log: Path) -> None:
    ask = 'printf %s "$prompt" >&2; IFS= read -r word || exit 1; echo "$word" >> '
    body = f"while :; do {ask} {log}.password; echo Sorry, try again. >&2; done"
    host = _host(tmp_path, log, body)
    with connect(host) as transport, pytest.raises(BecomeRefused, match="rejects the password"):
        transport.run("true")
    assert Path(f"{log}.password").read_text() == PASSWORD + "\n"


def test_without_a_password_nothing_is_asked(tmp_path: Path, log: Path) -> None:
    host = _host(tmp_path, log, 'exec "$@"', password=None)
    with connect(host) as transport:
        assert transport.run("echo in").stdout == b"in\n"
    assert log.read_text().startswith("-H -n -u someone -- /bin/sh -c ")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("sudo: a password is required", "needs a password; give ansible_become_password"),
        ("sudo: sorry, you must have a tty to run sudo", "needs a terminal"),
        ("ops is not in the sudoers file.", "denies running /bin/sh as someone: ops is not in the sudoers file."),
    ],
)
def test_a_refusal_is_one_sentence(tmp_path: Path, log: Path, said: str, sentence: str) -> None:
    host = _host(tmp_path, log, f"echo '{said}' >&2; exit 1", password=None)
    with connect(host) as transport, pytest.raises(BecomeRefused, match=sentence):
        transport.run("true")


def test_a_missing_sudo_is_named(tmp_path: Path) -> None:
    variables = {"ansible_become_exe": "/nowhere/sudo"}
    host = Host("web01", "x", connection="local", become=True, become_user="someone", variables=variables)
    with connect(host) as transport, pytest.raises(BecomeRefused, match="web01 has no /nowhere/sudo"):
        transport.run("true")


def test_a_sudo_that_hangs_is_given_up(tmp_path: Path, log: Path) -> None:
    host = _host(tmp_path, log, "exec sleep 60")
    with connect(host) as transport, pytest.raises(BecomeRefused, match="gave no answer within 1 s"):
        transport.run("true", timeout=1.0)


def test_a_method_that_does_not_work_here_is_named() -> None:
    host = Host("web01", "x", become=True, become_method="pbrun")
    with pytest.raises(BecomeRefused, match="ansible_become_method=pbrun of web01 is not supported"):
        escalation_for(host, "ops")


def test_flags_of_the_inventory_are_kept_but_for_those_about_the_password() -> None:
    host = Host("web01", "x", become=True, variables={"ansible_become_flags": "-H -S -n -E"})
    escalation = escalation_for(host, "ops")
    assert escalation is not None
    assert escalation.command("true") == "sudo -H -E -n -u root -- true"


@pytest.mark.parametrize(
    ("become", "become_user", "login", "root"),
    [
        (False, "root", "root", True),
        (False, "root", "ops", False),
        (True, "root", "ops", True),
        (True, "app", "root", False),
    ],
)
def test_who_is_root(become: bool, become_user: str, login: str, root: bool) -> None:
    assert runs_as_root(Host("web01", "x", become=become, become_user=become_user), login) is root


def test_a_login_as_root_needs_nothing() -> None:
    assert escalation_for(Host("web01", "x", become=True), "root") is None


def test_a_user_name_is_never_an_option() -> None:
    host = Host("web01", "x", connection="local", become=True, become_user="-oops")
    with pytest.raises(HostError, match="is not a user name"):
        LocalTransport(host).run("true")
