"""Every command that an output or an error names as the next step is a command that works."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

ASSESS = Path(sys.executable).parent / "assess"

_STEP = re.compile(r"(?:run: |with: |\()(assess [a-z][^\n;),]*)|; `?(assess [a-z]+)`?(?= lists)")
"""A command after a colon, in brackets, or before "lists"."""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "4000", "ASSESS_WORKSPACE": str(folder / "workspace")}
    return subprocess.run(
        [ASSESS, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def steps_in(ran: subprocess.CompletedProcess[str]) -> set[str]:
    return {(match[1] or match[2]).strip() for match in _STEP.finditer(ran.stdout + ran.stderr)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a quick scan of this machine, which leaves much to collect."""
    folder = tmp_path_factory.mktemp("steps")
    (folder / "hosts.ini").write_text("here ansible_connection=local\n")
    return folder


def test_the_steps_that_are_printed_work(folder: Path) -> None:
    nothing = run(folder, "hosts")
    assert nothing.returncode == 3
    first = steps_in(nothing)
    assert first == {"assess scan hosts.ini"}

    scan = run(folder, "scan", "hosts.ini", "--depth", "quick")
    assert scan.returncode == 0, scan.stderr
    printed = steps_in(scan)
    assert {step.partition("--depth ")[2] for step in printed if "--depth" in step} == {"standard", "deep"}
    for arguments in (
        ["explain", "here"],
        ["explain", "nowhere"],
        ["explain", "here/nothing"],
        ["hosts", "--scan", "9"],
    ):
        printed |= steps_in(run(folder, *arguments))
    for arguments in (["report", "--target", "nowhere"], ["rules", "nothing-like-it"], ["workloads", "--host", "zzz"]):
        ran = run(folder, *arguments)
        assert ran.returncode in (2, 3), ran.stdout
        printed |= steps_in(ran)
    workload = re.findall(r"^(here/\S+)", run(folder, "workloads").stdout, re.MULTILINE)[0]
    for command in ("why", "push", "rebase", "pilot"):
        more = {"why": ["/etc/passwd"], "rebase": ["--packages"]}.get(command, [])
        ran = run(folder, command, workload, *more)
        assert ran.returncode == 3, ran.stdout
        assert f"assess build {workload}" in steps_in(ran)

    assert printed
    for step in sorted(printed | first):
        # Samples go on for a week; the rest of such a command is checked.
        more = ["--dry-run"] if "--every" in step else []
        done = run(folder, *shlex.split(step)[1:], *more)
        assert done.returncode == 0, f"{step}: {done.stderr}"
