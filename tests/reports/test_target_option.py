"""The option --target of scan, report and export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from assess.cli import assess as root
from assess.schema import schema
from assess.target_profiles import UnknownTarget


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
