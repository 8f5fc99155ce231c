"""Real services rebuilt on a public base, and piloted against the hosts that they come from."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import zstandard
from click.testing import CliRunner, Result

from assess.cli import assess
from containerize.plan.plan_json import load_plan
from containerize.rebuild import recipe_draft
from containerize.rebuild.recipe import ChosenPackage
from tests.containerize.rebuild.parsing import instructions
from tests.estate import Estate, apt_mirror
from tests.estate.places import cache

pytestmark = [
    pytest.mark.estate,
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

WORKLOADS = ["web01/apache2", "db01/mariadb"]
SECRETS = [b"estate-db-password"]


@pytest.fixture(scope="module")
def client() -> Iterator[docker.DockerClient]:
    try:
        made = docker.DockerClient(timeout=600)
        made.ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no Docker engine: {error}")
    yield made
    made.close()


@pytest.fixture(scope="module")
def base(client: docker.DockerClient) -> Iterator[str]:
    """An image as debian:bookworm-slim is made: what is essential, apt, and a policy that starts no service.

    Under a name of our own, so that a real one is neither used nor replaced.
    """
    if shutil.which("mmdebstrap") is None:
        pytest.skip("no mmdebstrap")
    archive = cache() / "public-base" / "bookworm.tar"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with (archive.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not archive.exists():
            half = archive.with_suffix(".half.tar")
            policy = 'printf "#!/bin/sh\\nexit 101\\n" > "$1"/usr/sbin/policy-rc.d; chmod 755 "$1"/usr/sbin/policy-rc.d'
            command = ["mmdebstrap", "--variant=minbase", f"--customize-hook={policy}", "bookworm", str(half)]
            subprocess.run([*command, apt_mirror.find()], check=True, capture_output=True)
            half.rename(archive)
    name, tag = f"brownfield-test-{os.getpid()}/debian", "bookworm-slim"
    client.api.import_image_from_file(str(archive), repository=name, tag=tag)
    yield f"{name}:{tag}"
    client.images.remove(f"{name}:{tag}", force=True)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with Estate.running(["web01", "db01"]) as estate:
        place = tmp_path_factory.mktemp("rebuild") / "workspace"
        result = _assess(place, "scan", str(estate.hosts_ini), "--limit", "web01,db01")
        assert result.exit_code == 0, result.output
        yield place


@pytest.fixture(scope="module")
def document(workspace: Path, base: str) -> dict[str, Any]:
    result = _rebuild(workspace, base, *WORKLOADS)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def _assess(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=False)


def _rebuild(workspace: Path, base: str, *workloads: str) -> Result:
    # The network of a build has no name server on every machine that tests run on; the machine's own has.
    options = ["--base-image", base, "--build-network", "host", "--runtime", "docker", "--json"]
    return _assess(workspace, "rebuild", *options, *workloads)


def test_the_containerfile_says_what_an_administrator_did(document: dict[str, Any]) -> None:
    web, database = document["recipes"]

    assert (web["workload"], web["built"], web["compared"]) == ("web01/apache2", True, True)
    assert any(package.startswith("apache2=2.4.") for package in web["packages"])
    assert any(package.startswith("mariadb-server=") for package in database["packages"])
    assert len(web["packages"]) < 15
    assert 5 < web["files"] < 60
    text = Path(web["path"]).read_text()
    script = "\n".join(values[0] for name, _, values in instructions(text) if name == "RUN")
    # The shop is on, Debian's own page is off: COPY could not have removed it.
    assert "a2dissite --quiet 000-default" in script
    assert "a2ensite --quiet shop" in script
    assert "/etc/alternatives" not in text
    assert "rm -rf /var/lib/mysql; mkdir /var/lib/mysql" in Path(database["path"]).read_text()
    copied = Path(web["path"]).parent / "files"
    assert (copied / "etc/apache2/sites-available/shop.conf").exists()
    assert not (copied / "etc/apache2/apache2.conf").exists()


def test_no_secret_is_in_the_folder_or_in_the_image(document: dict[str, Any], workspace: Path) -> None:
    plan = load_plan(workspace / "builds/web01/apache2")
    assert "/etc/app/app.ini" in {secret.path for secret in plan.secrets}
    assert "/etc/app/app.ini" not in {file.path for file in plan.files}
    for path in (*(workspace / "content").rglob("*"), *(workspace / "builds").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if data.startswith(b"\x28\xb5\x2f\xfd"):
                data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
            assert not [secret for secret in SECRETS if secret in data], path


def test_accounts_owners_and_modes_are_those_of_the_host(document: dict[str, Any], workspace: Path) -> None:
    files = {file.path: file for file in load_plan(workspace / "builds/db01/mariadb").files}
    plan = load_plan(workspace / "builds/db01/mariadb")
    (volume,) = plan.volumes

    assert plan.mode == "rebuild"
    assert (files["/var/lib/mysql"].uid, files["/var/lib/mysql"].mode) == (volume.uid, volume.mode)
    assert not [path for path in files if path.startswith("/var/lib/mysql/")]
    assert "/etc/mysql/debian.cnf" not in files
    shop = {file.path: file for file in load_plan(workspace / "builds/web01/apache2").files}
    assert (shop["/var/lib/app"].uid, shop["/var/lib/app"].mode) == (33, 0o750)


def test_the_rebuilt_services_do_as_the_live_ones(
    document: dict[str, Any], workspace: Path, client: docker.DockerClient
) -> None:
    result = _assess(workspace, "pilot", *WORKLOADS, "--runtime", "docker", "--json")
    pilots = json.loads(result.stdout)["pilots"]

    assert [(each["workload"], each["verdict"]) for each in pilots] == [(name, "pass") for name in WORKLOADS], pilots
    tags = [tag for image in client.images.list() for tag in image.tags]
    assert not [tag for tag in tags if tag.startswith(f"localhost/brownfield-rebuild-{os.getpid()}-")]


def test_without_its_base_the_containerfile_is_there_all_the_same(workspace: Path, document: dict[str, Any]) -> None:
    result = _rebuild(workspace, "brownfield-test-nobody/has-this:1", "web01/apache2")
    answer = json.loads(result.stdout)
    (recipe,) = answer["recipes"]

    assert result.exit_code == 3
    assert "docker pull brownfield-test-nobody/has-this:1" in answer["failed"][0]["reason"]
    assert (recipe["built"], recipe["compared"]) == (False, False)
    text = Path(recipe["path"]).read_text()
    assert "It was not compared" in text
    assert "a2ensite --quiet shop" in text
    assert "/etc/alternatives" not in text
    assert instructions(text)[0] == ("FROM", (), ("brownfield-test-nobody/has-this:1",))


def test_what_the_engine_could_not_install_is_said(
    workspace: Path, document: dict[str, Any], base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe_draft, "chosen_by_dependencies", lambda *_: (ChosenPackage("apache2", "0.1-1", "x"),))
    result = _rebuild(workspace, base, "web01/apache2")

    assert result.exit_code == 3
    assert "0.1-1" in json.loads(result.stdout)["failed"][0]["reason"]
    assert "\x1b" not in result.stdout
