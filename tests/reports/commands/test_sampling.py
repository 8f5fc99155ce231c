"""assess scan --every, as a user runs it on this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from assess.export.export_schema import schema
from inventory.store.sighting_store import Sampling, SightingStore
from inventory.store.workspace import Workspace

pytestmark = pytest.mark.live


def command(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    (folder / "hosts.ini").write_text("here ansible_connection=local\n")
    return subprocess.Popen(
        [sys.executable, "-m", "assess", "scan", "hosts.ini", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sampling(folder: Path) -> Sampling | None:
    workspace = Workspace.open(folder / "assessment")
    with workspace.store() as store:
        scan = store.latest()
        return SightingStore(store).sampling(scan) if scan is not None else None


def after_a_look(folder: Path, looks: int) -> Sampling:
    for _ in range(600):
        time.sleep(0.1)
        if (folder / "assessment" / "assessment.db").exists():
            made = sampling(folder)
            if made is not None and made.looks >= looks:
                return made
    raise AssertionError("no look was done")


def test_looks_end_with_their_time_and_are_in_the_export(tmp_path: Path) -> None:
    running = command(tmp_path, "--every", "1s", "--for", "3s", "--json")
    output, errors = running.communicate(timeout=120)
    assert running.returncode == 0, errors
    assert errors == ""
    (host,) = json.loads(output)["hosts"]
    assert host["name"] == "here"
    Draft202012Validator(schema()).validate(json.loads(output))
    assert host["sightings"]["looks"] >= 1
    assert any("assess" in " ".join(each["arguments"]) for each in host["sightings"]["processes"])
    made = sampling(tmp_path)
    assert made is not None
    assert made.ended is not None
    assert made.looks >= 1


def test_ctrl_c_ends_the_looks_and_not_the_command(tmp_path: Path) -> None:
    running = command(tmp_path, "--every", "1s", "--for", "1h")
    after_a_look(tmp_path, 1)
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate(timeout=60)
    assert running.returncode == 0, errors
    assert "no more looks; what" in errors
    assert "Report: " in output
    made = sampling(tmp_path)
    assert made is not None
    assert made.ended is not None


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_killed_looks_are_taken_up_by_the_same_command(tmp_path: Path, how: signal.Signals) -> None:
    running = command(tmp_path, "--every", "1s", "--for", "1h")
    before = after_a_look(tmp_path, 1)
    running.send_signal(how)
    running.communicate(timeout=60)
    again = command(tmp_path, "--every", "1s", "--for", "1h")
    after = after_a_look(tmp_path, before.looks + 2)
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=60)
    assert after.until == before.until, "the time goes on, and does not begin anew"
    assert after.scan == before.scan
    with Workspace.open(tmp_path / "assessment").store() as store:
        assert len(store.scans()) == 1


@pytest.mark.parametrize("words", [("--every", "soon"), ("--every", "0s"), ("--for", "5")])
def test_a_length_of_time_that_is_none(tmp_path: Path, words: tuple[str, str]) -> None:
    running = command(tmp_path, *words)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 2
    assert "is not a duration" in errors or "too short" in errors
