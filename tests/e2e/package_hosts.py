"""What tests of lifting from hosts of rpm and apk share: the host's own word, and what a plan says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from containerize.content_store import ContentStore
from containerize.image.image_packages import image_packages
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.plan.plan_json import load_plan
from inventory.store.workspace import Workspace
from tests.e2e.command import assess
from tests.estate.roots.host import RootHost


def said(host: RootHost, *command: str, check: bool = True) -> str:
    """What a command on the host prints, without SSH."""
    return subprocess.run(host.argv(*command), capture_output=True, text=True, check=check, cwd="/").stdout


def workspace_of(host: RootHost, folder: Path) -> Path:
    """A workspace in ``folder`` with a scan of the host."""
    inventory = folder / "hosts.ini"
    inventory.write_text(host.inventory())
    scan = assess(folder / "workspace", "scan", str(inventory), "--limit", host.name, "--json")
    assert scan.status == 0, scan.errors
    return folder / "workspace"


def planned(workspace: Path, workload: str) -> ImagePlan:
    """The plan of a build."""
    host, _, name = workload.partition("/")
    return load_plan(Workspace.open(workspace).build(host, name))


def vouched(plan: ImagePlan) -> tuple[PlannedFile, ...]:
    """The files that are as a package brought them."""
    return tuple(each for each in plan.files if each.kind == "file" and each.layer in ("base", "packages"))


def listed(plan: ImagePlan, workspace: Path) -> dict[str, str]:
    """Name to version, as the image's own list of packages says."""
    return {each.name: each.version for each in image_packages(plan, ContentStore(workspace / "content"))}


def bill(workspace: Path, workload: str) -> Sequence[str]:
    """The package URLs of the bill of materials."""
    host, _, name = workload.partition("/")
    text = (Workspace.open(workspace).build(host, name) / "sbom.cdx.json").read_text()
    return [each["purl"] for each in json.loads(text)["components"] if "purl" in each]


def scanned(workspace: Path, workload: str) -> dict[str, str]:
    """Name to version of the packages of rpm and apk that Syft finds in the image itself; skips where it is not."""
    if (syft := shutil.which("syft")) is None:
        pytest.skip("no syft, a scanner of images")
    host, _, name = workload.partition("/")
    image = Workspace.open(workspace).build(host, name) / "image"
    environment = {**os.environ, "SYFT_CHECK_FOR_APP_UPDATE": "false"}
    command = [syft, "scan", f"oci-dir:{image}", "--output", "json", "--quiet"]
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    rows = json.loads(done.stdout)["artifacts"]
    return {each["name"]: each["version"] for each in rows if each["type"] in ("rpm", "apk")}
