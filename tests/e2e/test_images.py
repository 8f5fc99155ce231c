"""Images are whole, the same when built again, and do the same by every way in which they are delivered."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import zstandard

from containerize.emitters.emission import slug
from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_plan
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from tests.e2e.command import Done, assess
from tests.e2e.copies import candidates, until
from tests.estate import Estate

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]

APP = "app01/inventory-app"


@pytest.fixture
def engine() -> None:
    try:
        choose("docker").close()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def folders(builds: Done) -> dict[str, Path]:
    """The folder of every build."""
    assert builds.status == 0, builds.errors
    assert builds.document["builds"]
    return {row["workload"]: Path(row["layout"]).parent for row in builds.document["builds"]}


def docker(*arguments: str, cwd: Path | None = None) -> str:
    done = subprocess.run(["docker", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def blob(layout: Path, digest: str) -> bytes:
    return (layout / "blobs" / digest.replace(":", "/")).read_bytes()


def test_every_blob_has_the_digest_of_its_name_and_is_wanted(folders: dict[str, Path], builds: Done) -> None:
    for row in builds.document["builds"]:
        layout = Path(row["layout"])
        (entry,) = json.loads((layout / "index.json").read_text())["manifests"]
        assert entry["digest"] == row["digest"]
        manifest = json.loads(blob(layout, row["digest"]))
        wanted = {entry["digest"]: entry["size"]}
        wanted |= {each["digest"]: each["size"] for each in (manifest["config"], *manifest["layers"])}
        found = {f"sha256:{path.name}": path.stat().st_size for path in (layout / "blobs" / "sha256").iterdir()}
        assert found == wanted
        for digest in found:
            assert f"sha256:{hashlib.sha256(blob(layout, digest)).hexdigest()}" == digest


def test_layers_hold_what_the_configuration_says_and_no_secret(folders: dict[str, Path], builds: Done) -> None:
    seen: set[str] = set()
    for row in builds.document["builds"]:
        layout = Path(row["layout"])
        manifest = json.loads(blob(layout, row["digest"]))
        contents = json.loads(blob(layout, manifest["config"]["digest"]))["rootfs"]["diff_ids"]
        size = 0
        for layer, content in zip(manifest["layers"], contents, strict=True):
            tar = zstandard.ZstdDecompressor().decompressobj().decompress(blob(layout, layer["digest"]))
            size += len(tar)
            assert f"sha256:{hashlib.sha256(tar).hexdigest()}" == content
            if content not in seen:
                seen.add(content)
                for secret in (b"estate-db-password", b"estate-session-secret", b"estate-meter-token"):
                    assert secret not in tar
        assert size == row["size"]


@pytest.mark.parametrize("elsewhere", [False, True], ids=["in the same workspace", "in another"])
def test_building_again_gives_the_same_image(
    builds: Done, estate: Estate, workspace: Path, tmp_path: Path, elsewhere: bool
) -> None:
    place = tmp_path / "workspace" if elsewhere else workspace
    if elsewhere:
        assert assess(place, "scan", str(estate.hosts_ini), "--limit", "app01").status == 0
    again = assess(place, "build", APP, "--json")
    assert again.status == 0, again.errors
    before = next(row for row in builds.document["builds"] if row["workload"] == APP)
    after = again.document["builds"][0]
    names = ("digest", "size", "compressed_size", "files", "image")
    assert {name: after[name] for name in names} == {name: before[name] for name in names}
    if not elsewhere:
        assert after["fetched"] < before["fetched"] / 100


@contextmanager
def loaded(folder: Path) -> Iterator[ImagePlan]:
    """The image in Docker, loaded as the compose file says."""
    plan = load_plan(folder)
    before = docker("image", "ls", "-q", plan.image).strip()
    load = ["sh", "-c", "tar -C image -cf - . | docker load -q"]
    subprocess.run(load, cwd=folder, check=True, capture_output=True)
    try:
        yield plan
    finally:
        if not before:
            docker("image", "rm", "-f", plan.image)


@pytest.mark.usefixtures("engine")
def test_the_containerfile_builds_the_same_files(folders: dict[str, Path], tmp_path: Path) -> None:
    """Offline, from the layers beside it: every file with its content, owner, mode and date."""
    name = f"localhost/brownfield-test/containerfile-{os.getpid()}:{time.monotonic_ns()}"
    docker("build", "-q", "-t", name, "-f", "Containerfile", ".", cwd=folders[APP])
    try:
        with loaded(folders[APP]) as plan:
            one, two = files_of(plan.image, tmp_path / "loaded.tar"), files_of(name, tmp_path / "built.tar")
            configurations = [
                json.loads(docker("image", "inspect", image, "--format", "{{json .Config}}"))
                for image in (plan.image, name)
            ]
    finally:
        docker("image", "rm", "-f", name)
    assert {path for path in one if one[path] != two.get(path)} == set()
    assert set(two) == set(one)
    assert len(one) > 5000
    for key in ("User", "Env", "Entrypoint", "WorkingDir", "ExposedPorts", "Volumes", "StopSignal"):
        values = [sorted(each[key]) if key == "Env" else each[key] for each in configurations]
        assert values[0] == values[1], key


def files_of(image: str, path: Path) -> dict[str, tuple[Any, ...]]:
    """Every entry of an image: kind, mode, owner, time, target of a link, digest of the content."""
    container = docker("create", image).strip()
    try:
        docker("export", "-o", str(path), container)
    finally:
        docker("rm", "-v", container)
    found: dict[str, tuple[Any, ...]] = {}
    with tarfile.open(path) as archive:
        for entry in archive:
            file = archive.extractfile(entry) if entry.isreg() else None
            digest = hashlib.sha256(file.read()).hexdigest() if file else ""
            # The engine makes these anew for every container.
            if not entry.name.startswith(("dev/", "etc/hosts", "etc/hostname", "etc/resolv.conf", ".dockerenv")):
                date = entry.mtime if entry.isreg() else 0
                found[entry.name] = (entry.type, entry.mode, entry.uid, entry.gid, date, entry.linkname, digest)
    path.unlink()
    return found


@pytest.mark.usefixtures("engine")
def test_every_compose_file_is_understood(folders: dict[str, Path]) -> None:
    plans = {plan.image: plan for plan in map(load_plan, folders.values())}
    for folder in folders.values():
        plan = load_plan(folder)
        variables = {name: "x" for each in plans.values() for name in each.start.secret_environment}
        command = ["docker", "compose", "-f", "compose.yaml", "config", "--format", "json"]
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        services = json.loads(done.stdout)["services"]
        service = services[slug(plan.workload.partition("/")[2])]
        assert service["image"] == plan.image
        shared = {peer.directory for peer in plan.socket_peers}
        targets = {each["target"] for each in service.get("volumes", [])}
        assert targets - shared == {each.path for each in plan.volumes} - shared
        assert {each["target"] for each in service.get("secrets", [])} == {each.path for each in plan.secrets}
        # With the neighbours that it uses on its host.
        together = {plans[each["image"]].workload: plans[each["image"]] for each in services.values()}
        published = {port.port for each in together.values() for port in each.ports if port.published}
        assert {int(port["published"]) for each in services.values() for port in each.get("ports", [])} == published


@pytest.mark.usefixtures("engine")
def test_the_compose_file_runs_the_service(
    folders: dict[str, Path], workspace: Path, estate: Estate, tmp_path: Path
) -> None:
    """With the secret file where the compose file wants it, and a port that this machine has free."""
    (candidate,) = candidates(workspace, APP)
    (secret,) = candidate.plan.secrets
    project = f"brownfield-test-{os.getpid()}"
    folder = tmp_path / "deploy"
    folder.mkdir()
    (folder / "compose.yaml").write_bytes((folders[APP] / "compose.yaml").read_bytes())
    (folder / "secrets").mkdir()
    copy = folder / "secrets" / secret.path.strip("/").replace("/", "-").replace(".", "-")
    copy.write_text(estate.host("app01").run("cat", secret.path))
    os.chown(copy, secret.uid, secret.gid)
    copy.chmod(secret.mode)
    # The port of the plan may be taken here, and it is nobody else's business meanwhile.
    (folder / "here.yaml").write_text('services: {inventory-app: {ports: !override ["127.0.0.1::80"]}}\n')
    compose = ("compose", "-p", project, "-f", "compose.yaml", "-f", "here.yaml")
    live = estate.host("app01").url

    with loaded(folders[APP]):
        try:
            docker(*compose, "up", "-d", cwd=folder)
            address = docker(*compose, "port", "inventory-app", "80", cwd=folder).strip()

            def get(path: str) -> bytes:
                with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
                    return bytes(answer.read())

            until(lambda: answers(lambda: get("/health")), "the application answers")
            assert get("/") == b"Spare parts of the estate\n"
            assert len(json.loads(get("/parts"))) == 4
            with urllib.request.urlopen(live("/environment"), timeout=30) as answer:  # noqa: S310
                assert json.loads(get("/environment")) == json.loads(answer.read())
            names = docker(*compose, "exec", "-T", "inventory-app", "getent", "hosts", "app01", cwd=folder)
            assert "10.77.0.13" not in names
        finally:
            docker(*compose, "down", "--volumes", cwd=folder)
    assert project not in docker("ps", "-a") + docker("network", "ls") + docker("volume", "ls")


def answers(ask: Any) -> bool:
    try:
        return bool(ask())
    except OSError:
        return False
