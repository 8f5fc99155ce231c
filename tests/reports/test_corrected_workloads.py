"""Every command knows the workloads as brownfield.yaml corrects them, and none by the names that it replaces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assess.cli import assess
from containerize.build.builder import BuildFolders, finish
from inventory.store.workspace import Workspace
from tests.containerize.plans import make_plan, planned
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import keep_scan

# Port 9 of the loopback takes no connection, so every question to a host ends there at once.
HOSTS = "app01 ansible_host=127.0.0.1 ansible_port=9\n"

CORRECTIONS = """\
version: 1
workloads:
  - match: app01/inventory-app
    name: stock
  - match: app01/label-printer
    part_of: stock
"""

NEW, OLD = "app01/stock", ("app01/inventory-app", "app01/label-printer")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scans of a recorded host as a user and as root, and builds of the workload and of those that it was made of."""
    folder = tmp_path_factory.mktemp("corrected")
    (folder / "hosts.ini").write_text(HOSTS, "utf-8")
    (folder / "brownfield.yaml").write_text(CORRECTIONS, "utf-8")
    place = Workspace.create(folder / "workspace")
    with place.store() as store:
        for user in ("legacy", "root"):
            keep_scan(store, [recorded_result("app01", user)], str(folder / "hosts.ini"))
    for name in (NEW, *OLD):
        places = BuildFolders(place.content, place.build(*name.split("/")))
        finish(
            make_plan([planned(places.store, "/opt/stock/run", b"#!/bin/sh\n")], workload=name, host="app01"), places
        )
    return place.path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=True)


def exported(workspace: Path) -> list[str]:
    done = run(workspace, "export", "--json")
    assert done.exit_code == 0, done.output
    return [each["id"] for each in json.loads(done.stdout)["workloads"]]


def test_the_export_has_the_corrected_workload_and_not_its_parts(workspace: Path) -> None:
    ids = exported(workspace)
    assert NEW in ids
    assert not {*OLD} & {*ids}


WITHOUT_A_HOST = [
    ["explain", "{}"],
    ["why", "{}", "/opt/stock/run"],
    ["pilot", "{}", "--dry-run"],
    ["rebase", "{}", "--packages"],
]
"""Commands that read the scan and the build only."""


@pytest.mark.parametrize("command", WITHOUT_A_HOST, ids=lambda command: command[0])
def test_a_command_finds_the_corrected_workload(workspace: Path, command: list[str]) -> None:
    done = run(workspace, *(word.format(NEW) for word in command))
    assert done.exit_code == 0, done.output


NAMING = [*WITHOUT_A_HOST, ["build", "{}"], ["push", "{}", "127.0.0.1:9/team/stock"]]


@pytest.mark.parametrize("old", OLD)
@pytest.mark.parametrize("command", NAMING, ids=lambda command: command[0])
def test_no_command_knows_what_it_was_called_before(workspace: Path, command: list[str], old: str) -> None:
    done = run(workspace, *(word.format(old) for word in command))
    told = f"{done.output}{done.exception}"
    assert done.exit_code != 0
    assert f"there is no workload {old!r}" in told or "did you mean" in told, told


def test_a_build_asks_the_host_about_the_corrected_workload(workspace: Path) -> None:
    document = json.loads(run(workspace, "build", NEW, "--json").stdout)
    assert [each["workload"] for each in document["failed"]] == [NEW]


def test_a_push_sends_the_image_of_the_corrected_workload(workspace: Path) -> None:
    done = run(workspace, "push", NEW, "127.0.0.1:9/team/stock")
    assert "127.0.0.1:9" in f"{done.output}{done.exception}"


def test_a_difference_of_scans_is_one_of_corrected_workloads(workspace: Path) -> None:
    done = run(workspace, "diff", "--json")
    assert f'"{NEW}"' in done.stdout
    assert not [old for old in OLD if f'"{old}"' in done.stdout]
