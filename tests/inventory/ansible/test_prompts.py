"""Passwords asked for once: whom they are for, and where they are not seen."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.ansible.prompts import Passwords
from inventory.host import Host

ASSESS = Path(sys.executable).parent / "assess"


def test_what_the_inventory_says_of_a_host_goes_first() -> None:
    hosts = Passwords("login", "become", "phrase").fill(
        [
            Host("web01", "web01"),
            Host("web02", "web02", password="own", become_password="theirs"),
            Host("web03", "web03", variables={"ansible_private_key_passphrase": "mine"}),
        ]
    )
    assert [host.password for host in hosts] == ["login", "own", "login"]
    assert [host.become_password for host in hosts] == ["become", "theirs", "become"]
    assert [list(host.variables.values()) for host in hosts] == [["phrase"], ["phrase"], ["mine"]]


def test_passwords_are_in_no_representation() -> None:
    passwords = Passwords("login", "become", "phrase")
    for shown in (repr(passwords), repr(passwords.fill([Host("web01", "web01")]))):
        assert not [word for word in ("login", "become", "phrase") if f"{word}'" in shown]


def test_nothing_that_was_not_asked_for_changes_a_host() -> None:
    host = Host("web01", "web01", variables={"ansible_ssh_executable": "ssh"})
    assert Passwords().fill([host]) == (host,)


@pytest.mark.parametrize("command", [["scan", "hosts.ini"], ["build", "web01/x"], ["pilot", "web01/x"]])
def test_every_command_that_logs_in_can_ask(command: list[str]) -> None:
    done = subprocess.run([ASSESS, command[0], "--help"], capture_output=True, text=True, check=True)
    for option in ("-k, --ask-pass", "-K, --ask-become-pass", "--ask-key-passphrase"):
        assert option in done.stdout


@pytest.mark.live
def test_the_terminal_shows_questions_and_no_answers(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("web01 ansible_host=127.0.79.254 ansible_port=1 ansible_ssh_common_args='-F none'\n")
    command = [str(ASSESS), "scan", str(inventory), "-kK", "--workspace", str(tmp_path / "workspace")]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(command[0], command)  # noqa: S606 - the child of a fork
    shown = b""
    for question, answer in ((b"SSH password", b"s3cret one\n"), (b"become root", b"s3cret two\n")):
        while question not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, answer)
    try:
        while data := os.read(terminal, 4096):
            shown += data
    except OSError:  # the end of a terminal (EIO)
        pass
    os.waitpid(pid, 0)
    assert b"web01" in shown
    assert b"s3cret" not in shown
    assert [
        file for file in (tmp_path / "workspace").rglob("*") if file.is_file() and b"s3cret" in file.read_bytes()
    ] == []


@pytest.mark.live
def test_without_a_terminal_the_answer_may_come_on_standard_input(tmp_path: Path) -> None:
    """And without either, that is said in one sentence."""
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("web01 ansible_host=127.0.79.254 ansible_port=1 ansible_ssh_common_args='-F none'\n")
    command = [str(ASSESS), "scan", str(inventory), "-k", "--workspace", str(tmp_path / "workspace")]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, start_new_session=True
    )
    assert done.returncode == 3
    assert "there is no terminal to ask for the SSH password on" in done.stderr
    assert "Traceback" not in done.stderr
    done = subprocess.run(
        command, input="s3cret\n", capture_output=True, text=True, check=False, start_new_session=True
    )
    assert "rejects connections" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr
