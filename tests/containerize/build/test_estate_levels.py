"""Levels of images of real legacy services: smaller, explained, and proved by the same pilot."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assess.cli import assess
from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_plan
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.estate import Estate

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(2400),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

WORKLOADS = ("web01/apache2", "db01/mariadb", "app01/tomcat9")


def _assess(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=False)


def _built(workspace: Path, *arguments: str) -> dict[str, Any]:
    result = _assess(workspace, "build", "--json", *arguments)
    document = json.loads(result.stdout)
    assert result.exit_code == 0, document["failed"]
    return {row["workload"]: row for row in document["builds"]}


def _plan(workspace: Path, workload: str) -> ImagePlan:
    return load_plan(workspace / "builds" / Path(*workload.split("/")))


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a scan and no build."""
    with Estate.running(["web01", "db01", "app01"]) as estate:
        workspace = tmp_path_factory.mktemp("levels") / "workspace"
        done = _assess(workspace, "scan", str(estate.hosts_ini), "--limit", "web01,db01,app01")
        assert done.exit_code == 0, done.output
        yield workspace


@pytest.fixture
def own(scanned: Path, tmp_path: Path) -> Path:
    """A copy of it for one test, since a build takes the place of an earlier one."""
    return Path(shutil.copytree(scanned, tmp_path / "workspace"))


@pytest.fixture(scope="module")
def workspace(scanned: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of it for the lean images."""
    return Path(shutil.copytree(scanned, tmp_path_factory.mktemp("lean") / "workspace"))


@pytest.fixture(scope="module")
def lean(workspace: Path) -> dict[str, Any]:
    return _built(workspace, "--level", "lean", "web01/apache2", "app01/tomcat9", "app01/inventory-app")


def test_a_lean_image_is_small_and_says_what_it_lacks(lean: dict[str, Any], workspace: Path) -> None:
    assert lean["web01/apache2"]["compressed_size"] <= 62_000_000
    assert lean["app01/tomcat9"]["compressed_size"] <= 102_000_000
    for name, row in lean.items():
        assert row["level"] == _plan(workspace, name).level == "lean"
        groups = {group["name"]: group for group in row["left_out"]}
        assert groups["other languages"]["size"] > 10_000_000
        assert all(group["reason"] and group["files"] for group in groups.values())
    assert "Python bytecode" in {group["name"] for group in lean["app01/inventory-app"]["left_out"]}


def test_a_lean_image_speaks_the_services_language(lean: dict[str, Any], workspace: Path) -> None:
    languages = {
        file.path.split("/")[4] for file in _plan(workspace, "web01/apache2").files if "/LC_MESSAGES/" in file.path
    }
    assert "de" in languages
    assert not languages & {"fr", "ja", "ru"}


def test_why_tells_of_levels_and_of_all_reasons(lean: dict[str, Any], workspace: Path) -> None:
    gone = _assess(workspace, "why", "web01/apache2", "/usr/share/locale/fr/LC_MESSAGES/coreutils.mo")
    assert gone.exit_code == 1
    assert "left out because of the level lean: other languages" in gone.output
    inside = _assess(workspace, "why", "web01/apache2", "/usr/lib/x86_64-linux-gnu/libxml2.so.2", "--json")
    (answer,) = json.loads(inside.stdout)["reasons"]
    assert answer["inside"]
    assert len(answer["also"]) > 1


def test_without_leaves_a_path_out_and_says_what_asked_for_it(lean: dict[str, Any], own: Path) -> None:
    row = _built(own, "--level", "lean", "--without", "/usr/bin/qrencode", "web01/apache2")["web01/apache2"]
    plan = _plan(own, "web01/apache2")
    assert row["compressed_size"] < lean["web01/apache2"]["compressed_size"]
    assert not [file.path for file in plan.files if "qrencode" in file.path]
    why = _assess(own, "why", "web01/apache2", "/usr/bin/qrencode")
    assert "left out because of --without, but it is run by /usr/local/bin/order-badge" in why.output


@pytest.mark.engine
def test_an_observed_image_is_smaller_and_its_pilot_passes(own: Path) -> None:
    try:
        choose().close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    rows = _built(own, "--level", "observed", *WORKLOADS)
    assert rows["web01/apache2"]["compressed_size"] <= 36_000_000
    assert rows["app01/tomcat9"]["compressed_size"] <= 82_000_000
    for name in WORKLOADS:
        assert rows[name]["level"] == "observed"
        assert rows[name]["remarks"][0].endswith("did as well as the one before: pass")
        folder = own / "builds" / Path(*name.split("/"))
        (pilot,) = json.loads((folder / "pilot.json").read_text())["pilots"]
        assert (pilot["digest"], pilot["verdict"]) == (rows[name]["digest"], "pass")
        assert json.loads((folder / "opened.json").read_text())["opened"]
        assert not (folder / ".observed").exists()
        reasons = [file.reason for file in _plan(own, name).files]
        assert len([each for each in reasons if each.startswith("opened in the pilot of 2")]) > 50
    why = _assess(own, "why", "web01/apache2", "/usr/bin/perl")
    assert "left out because of the level observed: package perl-base" in why.output
