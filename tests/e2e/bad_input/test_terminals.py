"""Terminals that want no colour, know nothing, or have no room."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from tests.e2e.bad_input.command import ASSESS, environment, told
from tests.e2e.bad_input.conftest import WORKLOAD

pytestmark = pytest.mark.estate

_SEQUENCE = re.compile(r"\x1b\[([0-9;?]*)([a-zA-Z])")


def on_terminal(workspace: Path, *arguments: object, columns: int = 100, **changes: str) -> tuple[int, str]:
    """Run it on a terminal of its own: the status, and all that was written to it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [str(ASSESS), *map(str, arguments)],
        env=environment(workspace, changes),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # everybody has closed it
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    text = written.decode("utf-8").replace("\r\n", "\n")
    assert "Traceback" not in text
    return process.wait(), text


def colours(text: str) -> set[str]:
    """The colours that were set (30 to 38 and 90 to 97), in whatever combination."""
    set_ones = {word for codes, letter in _SEQUENCE.findall(text) if letter == "m" for word in codes.split(";")}
    return {word for word in set_ones if re.fullmatch(r"3[0-8]|9[0-7]", word)}


def test_colours_come_only_where_they_are_wanted(built: Path, tmp_path: Path) -> None:
    arguments = ("scan", built.parent / "hosts.ini")
    status, text = on_terminal(tmp_path / "workspace", *arguments, TERM="xterm-256color")
    assert (status, colours(text) != set()) == (0, True), text
    status, text = on_terminal(tmp_path / "workspace", *arguments, TERM="xterm-256color", NO_COLOR="1")
    assert (status, colours(text)) == (0, set()), text
    status, text = on_terminal(tmp_path / "workspace", *arguments, TERM="dumb")
    assert (status, "\x1b" in text) == (0, False), text


def test_progress_is_for_terminals_and_only_on_standard_error(built: Path) -> None:
    _, text = on_terminal(built, "build", "--dry-run", WORKLOAD, TERM="xterm-256color")
    assert "packages and processes" in text
    done = told(built, "build", "--dry-run", WORKLOAD, TERM="xterm-256color")
    assert (done.status, done.errors) == (0, "")


def test_a_terminal_that_is_not_of_this_century(built: Path, tmp_path: Path) -> None:
    hosts = tmp_path / "hosts.ini"
    # As an ordinary user little is seen, and a score that is unknown is a dash, which Latin-1 does not have.
    hosts.write_text((built.parent / "hosts.ini").read_text().replace("ansible_user=root", "ansible_user=legacy"))
    done = told(tmp_path / "workspace", "scan", hosts, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert done.status == 0
    assert "Unknown" in done.output


@pytest.mark.parametrize("columns", [30, 60])
def test_a_narrow_terminal_loses_nothing_that_matters(built: Path, tmp_path: Path, columns: int) -> None:
    arguments = ("scan", built.parent / "hosts.ini")
    status, text = on_terminal(tmp_path / "workspace", *arguments, columns=columns, TERM="xterm", NO_COLOR="1")
    rows = [line for line in _SEQUENCE.sub("", text).splitlines() if not line.startswith("Report: ")]
    assert status == 0
    assert max(len(line) for line in rows[rows.index("") :]) <= columns
    assert any(re.match(r"small01-090/ticke?r? +Needs work", line) for line in rows), rows
    status, text = on_terminal(built, "rules", columns=columns, TERM="xterm", NO_COLOR="1")
    assert (status, "NET003  hard-coded-port" in text) == (0, True)
