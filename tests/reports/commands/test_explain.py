"""``assess explain``, on a recorded host."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from assess.cli import assess
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import workspace_of


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hosts = [recorded_result("web01"), recorded_result("db01")]
    return workspace_of(tmp_path_factory.mktemp("ws") / "a", hosts).path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, ["explain", *arguments, "--workspace", str(workspace)], catch_exceptions=False)


def test_a_workload_with_its_findings_evidence_and_plan(workspace: Path) -> None:
    done = run(workspace, "web01/apache2")
    assert done.exit_code == 0
    assert ", confidence " in done.output
    assert "\nwhy this name: the pid file of init script apache2 names its process\n" in done.output
    assert "Rule: secret-in-file (SEC002)" in done.output
    assert "Remedy: " in done.output
    assert "\\n" not in done.output
    assert "depends on db01/mariadb" in done.output
    assert "moves in wave 1" in done.output


def test_a_rule(workspace: Path) -> None:
    for asked in ("NET001", "shared-port", "port-wanted-by-several"):
        assert "shared-port (NET001)" in run(workspace, asked).output


def test_the_parts_of_the_export_for_programs(workspace: Path) -> None:
    document = json.loads(run(workspace, "db01/mariadb", "--json").output)
    assert document["workload"]["id"] == "db01/mariadb"
    assert all(each["workload"] == "db01/mariadb" for each in document["findings"])
    assert document["placements"][0]["workloads"]


def test_a_wrong_name_is_met_with_those_that_are_like_it(workspace: Path) -> None:
    done = run(workspace, "web01/apache")
    assert (done.exit_code, "did you mean web01/apache2" in done.output) == (2, True)


def test_a_rule_that_is_not_there(workspace: Path) -> None:
    assert run(workspace, "NET01").exit_code == 2
