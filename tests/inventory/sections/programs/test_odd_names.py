"""A program, its folder, its arguments and its files with newlines and bytes that are no UTF-8, really started."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from inventory.formats.fact_json import observation_json
from inventory.observation import Found
from inventory.sections.programs import open_files, processes
from tests.support.live import ask, found

ODD = b"a\xff\xfe\nb \x1b[2J"
"""Invalid UTF-8, a newline, and a sequence that clears a terminal."""


@pytest.mark.live
def test_odd_bytes_of_names_come_through_and_stay_what_they_are(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/" + ODD
    os.mkdir(folder)  # noqa: PTH102 - a Path cannot be made of bytes
    program = folder + b"/tail" + ODD
    shutil.copy2(os.fsencode(shutil.which("tail") or "/usr/bin/tail"), program)
    file = folder + b"/log" + ODD
    with open(file, "wb"):  # noqa: PTH123
        pass
    process = subprocess.Popen([program, b"-f", b"-n", b"1", file, b"--", file], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        while os.readlink(f"/proc/{process.pid}/exe") != os.fsdecode(program):  # noqa: PTH115
            assert process.poll() is None
        recordings = ask(processes.SECTION, open_files.SECTION)
    finally:
        process.kill()
        process.wait()
    every = found(processes.SECTION, recordings["processes"])
    (ours,) = [each for each in every if each.pid == process.pid]
    assert os.fsencode(ours.arguments[0]) == program
    assert os.fsencode(ours.arguments[-1]) == file
    assert os.fsencode(ours.name) == (b"tail" + ODD)[:15]
    # ls prints a name as it is: one with a newline cannot be told for sure, and is then said to be doubtful.
    assert ours.executable is None or os.fsencode(ours.executable).startswith(program.partition(b"\n")[0])
    opened = found(open_files.SECTION, recordings["open_files"])
    assert [each for each in opened if each.pid == process.pid], "its files are seen all the same"
    assert "\\xff" in str(observation_json(Found((ours,)))), "and JSON of it is UTF-8"
