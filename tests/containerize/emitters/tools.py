"""The real tools that read what emitters write. Each gives what it read; a tool that is not here skips the test."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

GENERATORS = (
    "/usr/libexec/podman/quadlet",
    "/usr/lib/podman/quadlet",
    "/usr/lib/systemd/user-generators/podman-user-generator",
)
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def program(name: str) -> str:
    """The path of a program, also of one for administrators."""
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"no {name}")
    return found


def stack_config(path: Path, variables: dict[str, str] | None = None) -> Any:
    """What ``docker stack config`` makes of a file, with variables in their places."""
    home = {"PATH": PATH, "HOME": str(path.parent)}
    command = [program("docker"), "stack", "config", "-c", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, env={**home, **(variables or {})})
    assert run.returncode == 0, run.stderr
    return yaml.safe_load(run.stdout)


def compose_config(path: Path, variables: dict[str, str] | None = None) -> Any:
    """What ``docker compose config`` makes of a file."""
    if subprocess.run([program("docker"), "compose", "version"], capture_output=True).returncode:
        pytest.skip("no docker compose")
    command = ["docker", "compose", "-f", str(path), "config", "--format", "json"]
    run = subprocess.run(command, capture_output=True, text=True, env={"PATH": PATH, **(variables or {})})
    assert run.returncode == 0, run.stderr
    return yaml.safe_load(run.stdout)


def kustomize(folder: Path) -> list[dict[str, Any]]:
    """The objects that ``kubectl kustomize`` builds."""
    run = subprocess.run([program("kubectl"), "kustomize", str(folder)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return list(yaml.safe_load_all(run.stdout))


def quadlet(folder: Path) -> dict[str, str]:
    """``ExecStart=`` of each service that Podman's generator makes of the units in a folder."""
    generator = next((each for each in GENERATORS if Path(each).exists()), None)
    if generator is None:
        pytest.skip("no Quadlet generator of Podman")
    environment = {"QUADLET_UNIT_DIRS": str(folder), "PATH": ""}
    run = subprocess.run([generator, "-dryrun", "-user"], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert "unsupported key" not in run.stderr, run.stderr
    made = re.split(r"^---(.*)---$", run.stdout, flags=re.MULTILINE)
    return {
        name: next(line.partition("=")[2] for line in body.split("\n") if line.startswith("ExecStart="))
        for name, body in zip(made[1::2], made[2::2], strict=True)
    }


def haproxy_check(path: Path) -> None:
    """``haproxy -c``: no alert and no warning. That a name is not known here is neither."""
    run = subprocess.run([program("haproxy"), "-c", "-f", str(path)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert not [line for line in run.stderr.splitlines() if "ALERT" in line or "WARNING" in line]
