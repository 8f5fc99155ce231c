"""assess workloads, findings, ports and waves: the rows of the export, filtered; show and explain with patterns."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assess.cli import assess
from inventory.store.workspace import Workspace
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import keep_scan


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    (folder / "hosts.ini").write_text("app01 ansible_host=127.0.0.1\nweb01 ansible_host=127.0.0.2\n")
    place = Workspace.create(folder / "workspace")
    with place.store() as store:
        results = [recorded_result("app01", "root"), recorded_result("web01", "root")]
        keep_scan(store, results, str(folder / "hosts.ini"))
    return place.path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, [*arguments, "-w", str(workspace)], catch_exceptions=False)


def printed(workspace: Path, *arguments: str) -> str:
    result = run(workspace, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def export(workspace: Path) -> dict[str, Any]:
    return json.loads(printed(workspace, "export", "--json"))


@pytest.mark.parametrize(
    ("arguments", "member", "wanted"),
    [
        (["workloads", "--functions"], "workloads", lambda _row: True),
        (["workloads"], "workloads", lambda row: row["kind"] == "service"),
        (["workloads", "--verdict", "needs-work"], "workloads", lambda row: row["verdict"] == "needs work"),
        (["workloads", "--host", "app*"], "workloads", lambda row: row["kind"] == "service" and row["host"] == "app01"),
        (["ports"], "port_plan", lambda _row: True),
        (["ports", "--conflicts"], "port_plan", lambda row: row["conflict"]),
        (["ports", "--host", "web01"], "port_plan", lambda row: row["host"] == "web01"),
        (["waves"], "waves", lambda _row: True),
    ],
)
def test_json_has_the_rows_of_the_export(
    workspace: Path, export: dict[str, Any], arguments: list[str], member: str, wanted: Any
) -> None:
    document = json.loads(printed(workspace, *arguments, "--json"))

    assert document == {
        "schema_version": export["schema_version"],
        member: [row for row in export[member] if wanted(row)],
    }
    assert document[member]


def test_findings_are_filtered_and_the_worst_comes_first(workspace: Path, export: dict[str, Any]) -> None:
    def rows(*arguments: str) -> list[dict[str, Any]]:
        return json.loads(printed(workspace, "findings", *arguments, "--json"))["findings"]

    severities = [row["severity"] for row in rows()]
    assert len(severities) == len(export["findings"])
    assert severities == sorted(severities, key=["blocker", "major", "minor", "info"].index)
    assert {row["severity"] for row in rows("--severity", "major")} == {"major"}
    assert {row["host"] for row in rows("--host", "web01")} == {"web01"}
    assert {row["name"] for row in rows("--rule", "runs-as-root")} == {"runs-as-root"}
    assert rows("--rule", "SEC001") == rows("--rule", "runs-as-root") != []


def test_a_wave_names_its_workloads(workspace: Path) -> None:
    assert "app01/inventory-app" in printed(workspace, "waves")
    assert "app01/inventory-app" not in printed(workspace, "waves", "--host", "web01")
    assert run(workspace, "waves", "--wave", "99", "--json").stdout.endswith('"waves": []\n}\n')


def test_nothing_that_matches_is_said_on_standard_error(workspace: Path) -> None:
    result = run(workspace, "findings", "--severity", "blocker")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "nothing in this scan matches" in result.stderr
    assert run(workspace, "findings", "--severity", "blocker", "-q").stderr == ""


@pytest.mark.parametrize("command", ["workloads", "findings", "ports", "waves"])
def test_an_unknown_host_is_a_usage_error(workspace: Path, command: str) -> None:
    result = run(workspace, command, "--host", "wbe01")

    assert result.exit_code == 2
    assert "there is no host 'wbe01' in this scan; did you mean web01?" in result.output


def test_show_takes_a_host_a_workload_a_pattern_and_a_rule(workspace: Path) -> None:
    assert "app01 (" in printed(workspace, "show", "app01")
    both = printed(workspace, "show", "*01")
    assert "app01 (" in both and "web01 (" in both
    assert "listens on: " in printed(workspace, "show", "web01/apache2")
    assert printed(workspace, "show", "privileged-port") == printed(workspace, "rules", "privileged-port")
    rows = json.loads(printed(workspace, "show", "*/apache2", "--json"))["workloads"]
    assert [row["id"] for row in rows] == ["web01/apache2"]
    assert [each["host"] for each in json.loads(printed(workspace, "show", "*", "users", "--json"))["hosts"]] == [
        "app01",
        "web01",
    ]


def test_explain_takes_a_host_a_workload_a_pattern_and_a_rule(workspace: Path) -> None:
    one = printed(workspace, "explain", "app01/inventory-app")
    whole = printed(workspace, "explain", "app01")
    assert one.strip() in whole
    assert "app01/label-printer" in whole
    assert printed(workspace, "explain", "*/inventory-app") == one
    assert printed(workspace, "explain", "EOL001") == printed(workspace, "rules", "end-of-life-distribution")
    document = json.loads(printed(workspace, "explain", "app01", "--json"))
    assert json.loads(printed(workspace, "explain", "app01/inventory-app", "--json")) in document["explained"]


@pytest.mark.parametrize("what", ["web02", "web01/apache", "privileged-prot"])
def test_what_does_not_exist_is_a_usage_error(workspace: Path, what: str) -> None:
    result = run(workspace, "explain", what)

    assert result.exit_code == 2
    assert f"there is no workload {what!r} in this scan" in result.output
