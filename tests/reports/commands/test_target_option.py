"""The option --target of the commands that judge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from assess.cli import assess as root
from assess.export.export_schema import schema
from assess.export.json_schema import schema_of
from assess.targets.target_profiles import UnknownTarget
from inventory.store.earlier_results import EarlierResults
from inventory.store.workspace import Workspace
from reports.forms.diff_schema import ScanDifference


def assess(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(root, [str(each) for each in arguments], catch_exceptions=False)
    return result.exit_code, result.stdout


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a scan of this machine that was judged on two profiles."""
    folder = tmp_path_factory.mktemp("targets")
    (folder / "hosts.ini").write_text("here ansible_connection=local\n")
    place = folder / "assessment"
    arguments = (
        "--depth",
        "quick",
        "--workspace",
        place,
        "--target",
        "debian-13",
        "--target",
        "windows-2022",
        "--json",
    )
    status, output = assess("scan", folder / "hosts.ini", *arguments)
    assert status == 0
    document = json.loads(output)
    assert [each["name"] for each in document["targets"]] == ["debian-13", "windows-2022"]
    return place


def test_a_stored_scan_is_judged_on_other_targets(workspace: Path) -> None:
    status, output = assess("export", "--json", "--workspace", workspace, "--target", "rhel-9", "--target", "rhel-10")

    document = json.loads(output)
    assert status == 0
    Draft202012Validator(schema()).validate(document)
    assert [(each["name"], each["cpu_level"]) for each in document["targets"]] == [("rhel-9", 2), ("rhel-10", 3)]
    fits = [[fit["target"] for fit in each["fits"]] for each in document["workloads"] if each["kind"] == "service"]
    assert all(each == ["rhel-9", "rhel-10"] for each in fits)
    assert {each["target"] for each in document["findings"]} <= {"rhel-9", "rhel-10", None}


def test_the_report_has_a_verdict_for_each(workspace: Path, tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    assess("report", "-o", place, "--workspace", workspace, "--target", "debian-13", "--target", "kubernetes-6.6")

    text = place.read_text("utf-8")
    assert "the container host debian-13" in text
    assert "the container host kubernetes-6.6" in text


def test_an_unknown_target_is_told_before_any_host_is_asked(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text("here ansible_connection=local\n")

    with pytest.raises(UnknownTarget, match="did you mean windows-2022"):
        assess("scan", tmp_path / "hosts.ini", "--workspace", tmp_path / "ws", "--target", "windows2022")
    assert not (tmp_path / "ws").exists()


def test_a_container_host_of_the_inventory_is_no_unknown_target(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[container_hosts]\nbox ansible_connection=local\n")

    status, output = assess(
        "scan", inventory, "--depth", "quick", "--workspace", tmp_path / "ws", "--target", "box", "--json"
    )

    assert status == 0
    assert [each["name"] for each in json.loads(output)["targets"]] == ["box"]


def test_one_workload_is_explained_on_other_targets(workspace: Path) -> None:
    _, whole = assess("export", "--json", "--workspace", workspace)
    name = next(each["id"] for each in json.loads(whole)["workloads"] if each["kind"] == "service")

    status, output = assess("explain", name, "--json", "--workspace", workspace, "--target", "windows-2022")

    document = json.loads(output)
    assert status == 0
    assert [fit["target"] for fit in document["workload"]["fits"]] == ["windows-2022"]
    assert document["workload"]["verdict"] == "stay"


def test_both_scans_are_compared_on_the_same_targets(workspace: Path) -> None:
    assess("scan", workspace.parent / "hosts.ini", "--depth", "quick", "--workspace", workspace, "--new", "--json")

    status, output = assess("diff", "--json", "--workspace", workspace, "--target", "rhel-9")

    document = json.loads(output)
    assert status == 0
    Draft202012Validator(schema_of(ScanDifference)).validate(document)
    assert {each["target"] for each in document["findings"]} <= {"rhel-9", None}
    with pytest.raises(UnknownTarget):
        assess("diff", "--json", "--workspace", workspace, "--target", "rhel-99")


def test_a_scan_is_read_again_on_the_targets_of_its_verdicts(workspace: Path) -> None:
    """The first scan was judged on two profiles, not on this machine: that alone is no news of this version."""
    status, output = assess("reparse", "--scan", 1, "--json", "--dry-run", "--workspace", workspace)

    (again,) = json.loads(output)["scans"]
    assert status == 0
    assert (again["hosts"], again["verdicts"], again["findings"]) == ([], [], [])


def test_a_scan_read_again_on_another_target_compares_with_it_from_then_on(workspace: Path) -> None:
    for _ in range(2):
        status, output = assess("reparse", "--scan", 1, "--json", "--workspace", workspace, "--target", "windows-2022")
        (again,) = json.loads(output)["scans"]
        assert (status, again["verdicts"], again["findings"]) == (0, [], [])
    _, plain = assess("reparse", "--scan", 1, "--json", "--workspace", workspace)
    (again,) = json.loads(plain)["scans"]
    assert (again["verdicts"], again["findings"]) == ([], [])
    with Workspace.open(workspace).store(None) as store:
        scan = store.scan(1)
        assert scan is not None
        kept = EarlierResults(store).judgement(scan)
    assert kept is not None
    assert kept.about["targets"] == ["windows-2022"]
