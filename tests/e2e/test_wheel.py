"""The wheel, alone in an empty environment, does the whole job: nothing it needs is left in the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.supervisor.supervisor_binary import supervisor_binary
from tests.estate import Estate

ROOT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def assess(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``assess`` of an environment that holds the wheel and what it names, and nothing else."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), str(ROOT)], check=True, capture_output=True
    )
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "environment", with_pip=True)
    subprocess.run([str(folder / "environment/bin/pip"), "install", "--quiet", str(wheel)], check=True)
    return folder / "environment/bin/assess"


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    """The two hosts of the web application."""
    with Estate.running(("web01", "db01", "app01")) as running:
        yield running


def run(assess: Path, workspace: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command outside of the checkout, so that nothing is imported from there by accident."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ASSESS_"))}
    environment["ASSESS_WORKSPACE"] = str(workspace)
    return subprocess.run(
        [str(assess), *arguments], cwd=workspace.parent, env=environment, capture_output=True, text=True, check=False
    )


def test_the_wheel_scans_builds_and_pilots(assess: Path, estate: Estate, tmp_path: Path) -> None:
    """Templates, probe fragments and tables of data are inside."""
    workspace = tmp_path / "workspace"

    scan = run(assess, workspace, "scan", str(estate.hosts_ini), "--limit", "app01", "--json")
    build = run(assess, workspace, "build", "app01/inventory-app", "--json")
    pilot = run(assess, workspace, "pilot", "app01/inventory-app", "--json")

    assert scan.returncode == 0, scan.stderr
    assert [host["status"] for host in json.loads(scan.stdout)["hosts"]] == ["complete"]
    assert (workspace / "report").is_dir()
    assert build.returncode == 0, build.stderr
    assert json.loads(build.stdout)["builds"][0]["files"] > 100
    assert pilot.returncode == 0, pilot.stdout + pilot.stderr
    assert json.loads(pilot.stdout)["pilots"][0]["verdict"] == "pass"


def test_the_wheel_holds_no_tests(assess: Path) -> None:
    """The generic name ``tests`` does not end up in somebody's site-packages."""
    (packages,) = (assess.parents[1] / "lib").glob("python*/site-packages")

    assert not (packages / "tests").exists()
    assert (packages / "inventory").is_dir()


def test_the_wheel_holds_the_supervisor(assess: Path) -> None:
    """For both processors, and the same bytes as those of the checkout."""
    found = {
        path.name: path.read_bytes()
        for path in (assess.parents[1] / "lib").glob("python*/site-packages/containerize/supervisor/binaries/init-*")
    }

    assert found == {path.name: path.read_bytes() for path in map(supervisor_binary, ("amd64", "arm64"))}
