"""A rebase of the image of a real service: a newer package made here, pilots before and after, and the way back."""

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
from containerize.content_store import ContentStore
from containerize.image.image_packages import image_packages
from containerize.image.write_image import layer_blobs
from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_build, load_plan
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.containerize.rebase.roots import Package, make_root
from tests.estate import Estate

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0 or shutil.which("dpkg-deb") is None, reason="needs root and dpkg"),
]

WORKLOAD = "app01/inventory-app"


def _assess(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=False)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A workspace with a build of the Python application."""
    try:
        choose(None).close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    with Estate.running(["app01"]) as estate:
        place = tmp_path_factory.mktemp("rebase") / "workspace"
        for command in (("scan", str(estate.hosts_ini), "--limit", "app01"), ("build", WORKLOAD)):
            done = _assess(place, *command)
            assert done.exit_code == 0, done.output
        yield place


def _folder(workspace: Path) -> Path:
    return workspace / "builds" / WORKLOAD


def _layers(workspace: Path) -> dict[tuple[str, str], str]:
    folder = _folder(workspace)
    layers = layer_blobs(folder / "image", load_build(folder).digest)
    return {(layer.name, layer.package): layer.digest for layer in layers}


def _newer(workspace: Path, place: Path, names: tuple[str, ...], changes: dict[str, bytes]) -> Path:
    """A root file system with packages of the image as they are there, under newer versions. ``changes`` are files of
    the first.
    """
    plan = load_plan(_folder(workspace))
    store = ContentStore(workspace / "content")
    versions = {each.name: each.version for each in image_packages(plan, store)}
    rows = {file.path: file for file in plan.files}
    packages = []
    for name in names:
        files: dict[str, bytes | str] = {}
        for path in store.read(_listing(plan, name)).decode().splitlines():
            row = rows.get(path) or rows.get(f"/usr{path}")
            if row is not None and row.kind == "symlink":
                files[path] = row.link
            elif row is not None and row.kind in ("file", "hardlink"):
                files[path] = store.read(row.digest or rows[row.link].digest)
        more = changes if name == names[0] else {}
        packages.append(Package(name, f"{versions[name]}+patched1", {**files, **more}))
    return make_root(place, packages, {"etc/os-release": store.read(rows["/usr/lib/os-release"].digest)})


def _listing(plan: ImagePlan, name: str) -> str:
    stems = (f"{name}.list", f"{name}:amd64.list")
    return next(file.digest for file in plan.files if file.path.rpartition("/")[2] in stems)


def test_a_newer_package_takes_its_place_and_the_way_back_is_open(workspace: Path, tmp_path: Path) -> None:
    before = load_build(_folder(workspace)).digest
    layers = _layers(workspace)
    changed = {"/usr/share/doc/tzdata/changelog.patched": b"patched", "/usr/share/zoneinfo/Etc/UTC": b"TZif2 patched"}
    root = _newer(workspace, tmp_path / "root", ("tzdata",), changed)
    looked = json.loads(_assess(workspace, "rebase", WORKLOAD, "--from", str(root), "--dry-run", "--json").stdout)
    assert [row["name"] for row in looked["updates"]] == ["tzdata"] and not looked["applied"]
    assert load_build(_folder(workspace)).digest == before

    result = _assess(workspace, "rebase", WORKLOAD, "--from", str(root), "--json")
    done: dict[str, Any] = json.loads(result.stdout)
    assert (result.exit_code, done["applied"], done["pilot"]["worse"]) == (0, True, []), done
    assert (done["pilot"]["before"], done["pilot"]["after"]) == ("pass", "pass")
    after = _layers(workspace)
    assert {key for key in layers if layers[key] != after.get(key)} == {("packages", "tzdata"), ("records", "")}
    plan = load_plan(_folder(workspace))
    packages = {each.name: each.version for each in image_packages(plan, ContentStore(workspace / "content"))}
    assert packages["tzdata"].endswith("+patched1")
    assert "+patched1" in (_folder(workspace) / "sbom.cdx.json").read_text()
    assert json.loads((_folder(workspace) / "rebase.json").read_text())["before"] == before

    assert _assess(workspace, "rebase", WORKLOAD, "--back").exit_code == 0
    assert load_build(_folder(workspace)).digest == before and _layers(workspace) == layers
    assert "+patched1" not in (_folder(workspace) / "sbom.cdx.json").read_text()


def test_a_newer_package_that_breaks_the_service_does_not_take_its_place(workspace: Path, tmp_path: Path) -> None:
    before, layers = load_build(_folder(workspace)), _layers(workspace)
    # Together, because one wants the other in its own version.
    both = ("python3.9-minimal", "python3.9")
    root = _newer(workspace, tmp_path / "root", both, {"/usr/bin/python3.9": b"#!/bin/sh\nexit 1\n"})
    alone = _newer(workspace, tmp_path / "alone", both[:1], {})
    kept = json.loads(_assess(workspace, "rebase", WORKLOAD, "--from", str(alone), "--dry-run", "--json").stdout)[
        "kept"
    ]
    (reason,) = (row["reason"] for row in kept if row["newer"])
    assert reason.startswith("python3.9, which stays, needs python3.9-minimal (= ")
    result = _assess(workspace, "rebase", WORKLOAD, "--from", str(root), "--json")
    done = json.loads(result.stdout)
    assert (result.exit_code, done["applied"]) == (1, False), done
    assert done["pilot"]["before"] == "pass" and done["pilot"]["worse"]
    assert load_build(_folder(workspace)) == before and _layers(workspace) == layers
    assert not list(_folder(workspace).glob(".*"))
