"""``--prioritize`` on the commands that judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli import assess
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import workspace_of


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(tmp_path_factory.mktemp("ws") / "a", [recorded_result("web01")]).path


def test_the_export_says_what_came_first_and_what_is_advised_for_it(workspace: Path) -> None:
    arguments = ["export", "--json", "--prioritize", "security,cost", "--workspace", str(workspace)]
    plan = json.loads(CliRunner().invoke(assess, arguments, catch_exceptions=False).output)["plan"]
    assert plan["priorities"] == ["security", "cost"]
    assert {each["because"] for each in plan["advice"]} == {"security", "cost"}


@pytest.mark.parametrize(
    "command", [["export", "--json"], ["report"], ["explain", "web01/apache2"], ["scan", "hosts.ini"]]
)
def test_a_wrong_word_is_wrong_usage(workspace: Path, command: list[str]) -> None:
    done = CliRunner().invoke(assess, [*command, "--prioritize", "speed", "--workspace", str(workspace)])
    assert done.exit_code == 2
    assert "security, cost, performance, scalability" in " ".join(done.output.split())
