"""Images of real legacy services: complete, explained, reproducible, and without a secret."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import zstandard
from click.testing import CliRunner, Result
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from assess.cli import assess
from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_plan
from containerize.runtimes.docker import reads_zstd
from inventory.ansible.inventory_file import read_hosts
from inventory.transports import connect
from tests.containerize.emitters import tools
from tests.estate import Estate

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]

WORKLOADS = ["web01/apache2", "db01/mariadb", "app01/inventory-app", "app01/tomcat9", "app01/label-printer"]
SECRETS = [b"estate-db-password", b"session_secret = ", b"supplier.password"]


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with Estate.running(["web01", "db01", "app01"]) as running:
        yield running


def _assess(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(assess, [*arguments, "--workspace", str(workspace)], catch_exceptions=False)


def _scanned(estate: Estate, workspace: Path) -> Path:
    limit = "web01,db01,app01"
    result = _assess(workspace, "scan", str(estate.hosts_ini), "--limit", limit)
    assert result.exit_code == 0, result.output
    return workspace


def _built(workspace: Path, *workloads: str) -> dict[str, Any]:
    result = _assess(workspace, "build", "--json", *workloads)
    assert result.exit_code == 0, result.output
    return {row["workload"]: row for row in json.loads(result.stdout)["builds"]}


@pytest.fixture(scope="module")
def workspace(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _scanned(estate, tmp_path_factory.mktemp("estate") / "workspace")


@pytest.fixture(scope="module")
def builds(workspace: Path) -> dict[str, Any]:
    return _built(workspace, *WORKLOADS)


def _plan(workspace: Path, workload: str) -> ImagePlan:
    return load_plan(workspace / "builds" / Path(*workload.split("/")))


def test_every_service_is_built_and_described(builds: dict[str, Any]) -> None:
    assert list(builds) == WORKLOADS
    for row in builds.values():
        assert Path(row["layout"], "oci-layout").exists()
        assert row["size"] > row["compressed_size"] > 10_000_000
        assert row["files"] > 3000
    assert builds["web01/apache2"]["compressed_size"] <= 80_000_000
    assert builds["app01/tomcat9"]["compressed_size"] <= 115_000_000


def test_no_secret_is_in_a_blob_a_layer_or_a_file(builds: dict[str, Any], workspace: Path) -> None:
    found = []
    for path in (*(workspace / "content").rglob("*"), *(workspace / "builds").rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            data = zstandard.ZstdDecompressor().decompressobj().decompress(data)
        # The password as such, and the lines that hold the others (their names alone are no secret).
        found += [(path, secret) for secret in SECRETS[:1] if secret in data]
        found += [(path, line) for line in re.findall(rb"(?m)^(?:session_secret|supplier\.password)\s*=\s*\S+", data)]
    assert found == []


def test_files_with_secrets_are_named_and_mounted(builds: dict[str, Any], workspace: Path) -> None:
    secrets = {name: {secret.path for secret in _plan(workspace, name).secrets} for name in WORKLOADS}
    assert "/etc/app/app.ini" in secrets["web01/apache2"]
    assert "/opt/app/config.ini" in secrets["app01/inventory-app"]
    assert "/etc/parts/parts.properties" in secrets["app01/tomcat9"]


def test_building_again_gives_the_same_digests_and_copies_nothing(builds: dict[str, Any], workspace: Path) -> None:
    def beside(row: dict[str, Any]) -> dict[str, bytes]:
        folder = Path(row["layout"]).parent
        return {each["path"]: (folder / each["path"]).read_bytes() for each in row["written"]}

    before = {name: beside(builds[name]) for name in ("web01/apache2", "app01/tomcat9")}
    again = _built(workspace, *before)
    for name, row in again.items():
        assert row["digest"] == builds[name]["digest"]
        assert beside(row) == before[name]
        assert row["fetched"] < 300_000  # what is read to see what it mentions holds secrets, and is never kept


def test_an_empty_workspace_gives_the_same_digest(builds: dict[str, Any], estate: Estate, tmp_path: Path) -> None:
    other = _scanned(estate, tmp_path / "other")
    assert (
        _built(other, "app01/inventory-app")["app01/inventory-app"]["digest"] == builds["app01/inventory-app"]["digest"]
    )


def test_services_of_one_distribution_share_the_base(builds: dict[str, Any]) -> None:
    def base(name: str) -> str:
        layout = Path(builds[name]["layout"])
        manifest = json.loads((layout / "blobs/sha256" / builds[name]["digest"][7:]).read_text())
        return str(manifest["layers"][0]["digest"])

    assert base("web01/apache2") == base("db01/mariadb")
    assert base("app01/inventory-app") == base("app01/tomcat9") == base("app01/label-printer")


def test_every_file_has_a_reason_and_data_and_passwords_are_outside(builds: dict[str, Any], workspace: Path) -> None:
    for name in WORKLOADS:
        plan = _plan(workspace, name)
        assert all(file.reason for file in plan.files)
        inside = {file.path for file in plan.files}
        for volume in plan.volumes:
            assert not [path for path in inside if path.startswith(f"{volume.path}/")]
        assert not inside & {"/etc/machine-id", "/etc/ssh/ssh_host_rsa_key", "/etc/hostname"}
        assert not [path for path in inside if path.startswith(("/usr/share/doc/", "/boot/", "/lib/modules/"))]


def test_starts_are_in_the_foreground_as_the_right_account(builds: dict[str, Any], workspace: Path) -> None:
    starts = {name: _plan(workspace, name).start for name in WORKLOADS}
    assert starts["web01/apache2"].arguments == ("/usr/sbin/apache2", "-D", "FOREGROUND")
    assert dict(starts["web01/apache2"].environment)["LANG"] == "de_DE.UTF-8"
    assert starts["web01/apache2"].user == "0:0"
    assert starts["db01/mariadb"].user != "0:0"
    assert starts["app01/inventory-app"].user == "0:0"  # it binds port 80 and gives root away itself
    assert starts["app01/label-printer"].arguments == ("/usr/local/sbin/label-printer",)
    assert "/run/mysqld" in {each.path for each in _plan(workspace, "db01/mariadb").run_directories}


def test_why_explains_what_is_in_an_image_and_what_is_not(builds: dict[str, Any], workspace: Path) -> None:
    def why(path: str) -> tuple[int, str]:
        result = _assess(workspace, "why", "web01/apache2", path)
        return result.exit_code, result.output

    first, *further = why("/usr/bin/qrencode")[1].splitlines()
    assert first.endswith(": is run by /usr/local/bin/order-badge (layer packages)")
    assert all(line.startswith("  also: ") for line in further), further
    assert "mounted at run time" in why("/etc/app/app.ini")[1]
    assert "in the volume /var/lib/app" in why("/var/lib/app/uploads/x")[1]
    assert why("/usr/share/doc/apache2")[0] == 1
    assert why("/bin/sh")[0] == 0


def test_a_dry_run_writes_nothing(estate: Estate, tmp_path: Path) -> None:
    workspace = _scanned(estate, tmp_path / "workspace")
    before = sorted(path for path in workspace.rglob("*") if "assessment.db" not in path.name)
    result = _assess(workspace, "build", "app01/inventory-app", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "/opt/app/config.ini" in result.output
    assert sorted(path for path in workspace.rglob("*") if "assessment.db" not in path.name) == before


def test_a_host_is_not_changed_by_a_build(builds: dict[str, Any], estate: Estate, workspace: Path) -> None:
    places = "/etc /usr /opt /root /home /srv /boot /var/lib /var/www /tmp /var/tmp"
    (host,) = read_hosts(Path(estate.hosts_ini), limit="app01")

    def listing() -> set[bytes]:
        with connect(host) as transport:
            found = transport.run(f"find {places} -printf '%p %m %u %s %T@\\n' 2>/dev/null").stdout.split(b"\n")
        # What the services of the host itself write meanwhile.
        return {line for line in found if not line.startswith((b"/var/lib/parts", b"/tmp/hsperfdata", b"/tmp/tomcat9"))}

    before = listing()
    _built(workspace, "app01/tomcat9")
    assert listing() ^ before == set()


def test_a_workload_that_is_not_there_is_one_sentence_with_a_hint(workspace: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "assess", "build", "web01/apach", "--workspace", str(workspace)],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 3
    assert run.stderr.startswith("assess: there is no workload 'web01/apach'")
    assert "web01/apache2" in run.stderr
    assert "Traceback" not in run.stderr


def _needs_zstd_in_docker() -> None:
    version = subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"], capture_output=True, text=True, check=False
    )
    if version.returncode != 0:
        pytest.skip("no Docker Engine answers")
    if not reads_zstd(version.stdout.strip()):
        pytest.skip(f"docker load of version {version.stdout.strip()} reads no zstd layers")


@pytest.mark.engine
def test_the_image_works_in_docker_beyond_the_page_it_serves(builds: dict[str, Any], workspace: Path) -> None:
    """Mail, accounts, locale, time zone, package tool, the helper's program: what an image loses first."""
    _needs_zstd_in_docker()
    plan, layout = _plan(workspace, "web01/apache2"), builds["web01/apache2"]["layout"]
    tar = subprocess.Popen(["tar", "-C", layout, "-cf", "-", "."], stdout=subprocess.PIPE)
    subprocess.run(["docker", "load", "-q"], stdin=tar.stdout, check=True, capture_output=True)
    tar.wait()
    script = """
        printf 'To: ops\\nSubject: x\\n\\nbody\\n' | /usr/sbin/sendmail -t && for i in 1 2 3 4 5; do
            test -s /var/mail/ops && break; sleep 1; done
        grep -c '^Subject: x' /var/mail/ops
        su -s /bin/sh www-data -c 'id -un'
        LC_ALL=de_DE.UTF-8 date -d @0 +%A%Z
        dpkg-query -W -f '${Status}\\n' apache2
        qrencode -t ASCII x | head -1 | wc -l
        getent hosts localhost | wc -l
        perl -MPOSIX -e 'print "perl\\n"'
        ls -la /etc/shadow | cut -c1-10; cut -d: -f2 /etc/shadow | sort -u
    """
    name = f"brownfield-test-{os.getpid()}-{time.monotonic_ns()}"
    options = ["--rm", "--name", name, "--network", "none", "--entrypoint", "/bin/sh"]
    try:
        run = subprocess.run(["docker", "run", *options, plan.image, "-c", script], capture_output=True, text=True)
    finally:
        subprocess.run(["docker", "image", "rm", plan.image], capture_output=True)
    assert run.stdout.split("\n")[:-1] == [
        "1", "www-data", "DonnerstagCET", "install ok installed", "1", "1", "perl", "-rw-r-----", "*",
    ], run.stderr  # fmt: skip


@pytest.mark.parametrize("workload", WORKLOADS)
def test_the_tools_that_they_are_for_read_what_is_beside_an_image(
    workspace: Path, builds: dict[str, Any], workload: str
) -> None:
    folder, plan = workspace / "builds" / Path(*workload.split("/")), _plan(workspace, workload)
    assert {each["path"] for each in builds[workload]["written"]} == {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file()
        and path.name not in ("plan.json", "build.json")
        and path.relative_to(folder).parts[0] != "image"
    }
    bill = (folder / "sbom.cdx.json").read_text("utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    assert sum(each["type"] == "library" for each in json.loads(bill)["components"]) > 50
    variables = dict.fromkeys(plan.start.secret_environment, "x")
    tools.stack_config(folder / "stack.yaml", variables)
    for overlay in ("site", "observed-only"):
        for each in tools.kustomize(folder / "kubernetes/overlays" / overlay):
            kubernetes_validate.validate(each, "1.32", strict=True)
    units = list((folder / "quadlet").iterdir())
    assert len(units) >= 2 + len(plan.volumes)
    assert len(tools.quadlet(folder / "quadlet")) == len(units)
    if (folder / "haproxy").exists():
        tools.haproxy_check(folder / "haproxy/blue-green.cfg")


def test_a_database_that_uses_io_uring_gets_a_profile_for_it(workspace: Path, builds: dict[str, Any]) -> None:
    folder = workspace / "builds/db01/mariadb"
    if not (folder / "seccomp.json").exists():
        pytest.skip("this kernel gives MariaDB no io_uring")
    allowed = json.loads((folder / "seccomp.json").read_text())["syscalls"][-1]["names"]
    assert allowed == ["io_uring_enter", "io_uring_register", "io_uring_setup"]
    assert not (workspace / "builds/web01/apache2/seccomp.json").exists()


@pytest.mark.engine
def test_podman_loads_the_same_layout(builds: dict[str, Any]) -> None:
    if subprocess.run(["podman", "info"], capture_output=True, check=False).returncode != 0:
        pytest.skip("podman does not work here: `podman info` says why")
    row = builds["app01/label-printer"]
    tar = subprocess.Popen(["tar", "-C", row["layout"], "-cf", "-", "."], stdout=subprocess.PIPE)
    loaded = subprocess.run(["podman", "load"], stdin=tar.stdout, capture_output=True, text=True)
    tar.wait()
    try:
        assert loaded.returncode == 0, loaded.stderr
        assert row["image"] in loaded.stdout
    finally:
        subprocess.run(["podman", "image", "rm", row["image"]], capture_output=True)
