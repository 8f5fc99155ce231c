"""A pilot of a copy that is not whole does not pass, and the command says so by its status."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Done, assess
from tests.e2e.traces import nothing_left_behind

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(600)]


@pytest.fixture
def copy(builds: Done, workspace: Path, tmp_path: Path) -> Path:
    """The workspace with its scan and builds, to be spoiled."""
    assert builds.status == 0, builds.errors
    place = tmp_path / "workspace"
    shutil.copytree(
        workspace, place, ignore=lambda folder, names: {"content", "report"} & set(names), copy_function=_link
    )
    return place


def _link(source: str, target: str) -> None:
    """Images are shared; what is changed in place is copied."""
    if "/blobs/" in source:
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)


def pilot(place: Path, workload: str, *others: str) -> tuple[int, dict[str, Any]]:
    """Status of the pilot, and the result of the first workload; all others pass."""
    with nothing_left_behind() as ours:
        done = assess(place, "pilot", workload, *others, "--json")
        ours.append(done.pid)
    row, *rest = done.document["pilots"]
    assert [each for each in rest if each["verdict"] != "pass"] == []
    return done.status, row


def change_plan(place: Path, workload: str, change: Mapping[str, Any]) -> None:
    path = place / "builds" / workload / "plan.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))


def check(row: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in row["checks"] if each["name"].startswith(name))


def test_a_secret_that_is_gone_from_the_server_is_said_and_nothing_starts(copy: Path) -> None:
    workload = "app01/inventory-app"
    plan = json.loads((copy / "builds" / workload / "plan.json").read_text())
    change_plan(copy, workload, {"secrets": [{**plan["secrets"][0], "path": "/opt/app/old-config.ini"}]})

    status, row = pilot(copy, workload)

    assert (status, row["verdict"]) == (1, "inconclusive")
    (found,) = row["checks"]
    assert found["name"] == "starts"
    assert "/opt/app/old-config.ini" in found["actual"]
    assert "cannot be read on the host any more" in found["actual"]


def test_a_copy_without_its_secret_file_fails_with_its_last_words(copy: Path) -> None:
    """As if nobody had noticed that the service needs the file."""
    workload = "app01/inventory-app"
    change_plan(copy, workload, {"secrets": []})

    status, row = pilot(copy, workload)

    assert (status, row["verdict"]) == (1, "fail")
    found = check(row, "starts")
    assert found["verdict"] == "fail"
    assert "KeyError" in found["actual"] + found["detail"]


@pytest.mark.vm
@pytest.mark.usefixtures("vm")
def test_an_image_that_serves_the_default_page_fails(copy: Path) -> None:
    """The site was lost on the way, and nginx answers 200 with the page of its package."""
    layout = copy / "builds" / "vm01" / "nginx" / "image"
    site = b"server { listen 80 default_server; root /var/www/html; index index.html; charset utf-8; }\n"
    digest = with_layer(
        layout,
        {
            "etc/nginx/sites-enabled/.wh.status": b"",
            "etc/nginx/sites-enabled/.wh.default": b"",
            "etc/nginx/sites-enabled/anything": site,
            "var/www/html/index.html": b"<html><head><title>Welcome to nginx!</title></head></html>\n",
        },
    )
    path = layout.parent / "build.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "digest": digest}))

    status, row = pilot(copy, "vm01/nginx", "vm01/meter-gateway")

    assert (status, row["verdict"]) == (1, "fail")
    pages = [each for each in row["checks"] if each["name"].startswith("http")]
    assert {each["verdict"] for each in pages} == {"fail"}
    # It is the body that differs, not the status.
    firsts = [next(line for line in each["detail"].splitlines() if line.startswith("/: ")) for each in pages]
    assert all(line.startswith("/: differs: ") and "status" not in line for line in firsts), firsts
    # Nothing else tells.
    assert {each["verdict"] for each in row["checks"] if not each["name"].startswith("http")} == {"pass"}


def with_layer(layout: Path, files: Mapping[str, bytes]) -> str:
    """Put a layer on an image; the digest of its new manifest."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads((layout / "blobs" / index["manifests"][0]["digest"].replace(":", "/")).read_text())
    config = json.loads((layout / "blobs" / manifest["config"]["digest"].replace(":", "/")).read_text())

    def put(content: bytes) -> dict[str, Any]:
        digest = hashlib.sha256(content).hexdigest()
        (layout / "blobs" / "sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    layer = put(buffer.getvalue())
    config["rootfs"]["diff_ids"].append(layer["digest"])
    config["history"] = []
    manifest["layers"].append({"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer})
    manifest["config"] |= put(json.dumps(config).encode())
    index["manifests"][0] |= put(json.dumps(manifest).encode())
    (layout / "index.json").write_text(json.dumps(index))
    return str(index["manifests"][0]["digest"])
