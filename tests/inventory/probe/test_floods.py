"""Hosts that send 2 GB, or without end: the scan ends, the memory here stays bounded, and the other hosts answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.inventory.sshd import Sshd, SshdFactory
from tests.support import hostile_shell

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

ASSESS = Path(sys.executable).with_name("assess")
BOUND = 1 << 30
"""Bytes that a scan of one host may need, whatever the host sends; 2 GB are twice that."""

_MEASURE = """
import resource, subprocess, sys
with open(sys.argv[1], "wb") as output:
    status = subprocess.run(sys.argv[2:], stdout=output).returncode
print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@dataclass(frozen=True)
class Scanned:
    status: int
    hosts: dict[str, Any]
    errors: str
    memory: int
    """The most bytes that the process had in memory."""


def scan(folder: Path, *lines: str) -> Scanned:
    """Scan an inventory in a process of its own, whose memory the kernel tells when it has ended.

    The kernel counts what a process had before it became another program: between vfork and exec, our own memory. So it
    is started by a small one.
    """
    (folder / "hosts.ini").write_text("\n".join(lines) + "\n")
    command = [str(ASSESS), "scan", str(folder / "hosts.ini"), "--json", "--timeout", "120"]
    with (folder / "errors").open("wb") as errors:
        measured = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MEASURE, str(folder / "output"), *command],
            cwd=folder,
            env={**os.environ, "ASSESS_WORKSPACE": str(folder / "workspace")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            check=True,
        ).stdout
    status, kilobytes = map(int, measured.split())
    document = json.loads((folder / "output").read_bytes())
    return Scanned(
        status,
        {host["name"]: host for host in document["hosts"]},
        (folder / "errors").read_text(),
        kilobytes << 10,
    )


def hostile(factory: SshdFactory, kind: str, megabytes: int) -> Sshd:
    return factory(f"ForceCommand {sys.executable} -I {hostile_shell.__file__} {kind} {megabytes}")


@pytest.mark.parametrize("kind", ["part", "marks", "errors", "outside"])
def test_two_gigabytes_cost_neither_the_memory_nor_the_other_hosts(
    sshd_factory: SshdFactory, sshd: Sshd, tmp_path: Path, kind: str
) -> None:
    flood = hostile(sshd_factory, kind, 2048)
    done = scan(tmp_path, flood.inventory_line("flood"), sshd.inventory_line("well"))
    assert "Traceback" not in done.errors
    assert done.hosts["well"]["status"] in ("complete", "partial")
    assert done.hosts["flood"]["reason"], done.hosts["flood"]
    assert done.memory < BOUND
    kept = sum(path.stat().st_size for path in (tmp_path / "workspace").rglob("*") if path.is_file())
    assert kept < 256 << 20
