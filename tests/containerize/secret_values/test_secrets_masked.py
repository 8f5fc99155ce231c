"""A password of a workload's file, wherever else the same workload uses it: none of it is in what a build writes."""

from __future__ import annotations

import base64
import io
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.build.artifacts import profile_beside, write_artifacts
from containerize.build.builder import BuildFolders, build_workload
from containerize.host.file_survey import FileSurvey
from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import PackageDatabase
from containerize.plan import collect_workload
from containerize.plan.request import PlanRequest
from inventory.transports.transport import Transport
from tests.containerize.closure.pretend_host import process
from tests.containerize.secret_values.test_secrets_stay_out import RealHost
from tests.support.snapshots import HostBuilder

SECRET = "Tr0ub4dor&3-Kestrel"
PASSWD = b"root:x:0:0::/root:/bin/sh\napp:x:900:900::/opt/app:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\n"


class Build:
    """One workload of a host whose files are below a folder of this machine."""

    def __init__(self, top: Path, tmp_path: Path, here: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
        self.host = RealHost(top)
        self.top = str(self.host.top)
        self.places = BuildFolders(tmp_path / "content", tmp_path / "builds/web01/app")
        self._here, self._patch = here, monkeypatch
        self.environment = ["PATH=/usr/bin", "LANG=C"]
        self.arguments: list[str] = []
        self.jobs: list[str] = []
        self.environment_file = ""
        self.uid = 900
        self.not_secret: tuple[str, ...] = ()

    def run(self) -> dict[str, bytes]:
        """Build it; everything that was written, by name, layers unpacked."""
        program = f"{self.top}/opt/app/run"
        self.host.program(program)
        builder = HostBuilder()
        builder.init()
        builder.process(50, program, *self.arguments, unit="app.service", uid=self.uid)
        properties = (
            {"EnvironmentFiles": f"{self.environment_file} (ignore_errors=no)"} if self.environment_file else {}
        )
        builder.service("app.service", properties=properties, main_pid=50) if properties else None
        snapshot = builder.build()
        workloads = find_workloads(snapshot)
        (workload,) = [each for each in workloads if each.main_pid == 50]
        facts = HostFacts(snapshot, workloads)
        running = process(program, program, *self.arguments, uid=self.uid, environment=self.environment)
        tree = HostTree(self.host.entries)
        files = FileSurvey(
            tree,
            PackageDatabase("dpkg", self.host.packages),
            {workload.id: (running,)},
            (),
            (),
            {},
            "",
            PASSWD,
            b"",
            {},
        )
        self._patch.setattr(collect_workload, "survey", lambda *_: files)
        estate = EstateFacts((facts,), (), 0.0)
        request = PlanRequest(workload, (), facts, estate, not_secret=self.not_secret)
        result = build_workload(request, self._here, self.places)
        self.plan = result.plan
        seen = profile_beside(result.plan, workload, facts, estate)
        write_artifacts(result.plan, result.built, self.places, seen, (), result.secrets)
        return {
            str(path): _plain(path.read_bytes())
            for folder in (self.places.build, self.places.content)
            for path in folder.rglob("*")
            if path.is_file()
        }

    def shown(self, secret: str = SECRET) -> list[str]:
        """The written files that show a secret in some form, and those in whose name it is."""
        forms = [secret.encode(), base64.b64encode(secret.encode())[:-4], secret.encode("utf-16-le")]
        return [name for name, data in self.run().items() if any(form in data for form in forms)]


def _plain(data: bytes) -> bytes:
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data


@pytest.fixture
def build(tmp_path: Path, here: Transport, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    # Not below /tmp: what is there is in no image.
    place = Path("/opt") if os.access("/opt", os.W_OK) else Path.home()
    with tempfile.TemporaryDirectory(prefix="brownfield-test-", dir=place) as top:
        yield Build(Path(top), tmp_path, here, monkeypatch)


def test_a_password_in_a_file_is_masked_in_arguments_and_variables(build: Build) -> None:
    path = f"{build.top}/opt/app/app.conf"
    build.host.file(path, f"[db]\npassword = {SECRET}\n", uid=900)
    build.arguments = [path, "--login", SECRET, f"--dsn=shop/{SECRET}"]
    build.environment += [f"DSN=shop/{SECRET}@db01"]
    assert build.shown() == []
    assert "DSN" in build.plan.start.secret_environment
    assert [each.path for each in build.plan.secrets] == [path]


def test_a_file_that_repeats_a_password_stays_out(build: Build) -> None:
    top = build.top
    build.host.file(f"{top}/opt/app/app.conf", f"password = {SECRET}\n", uid=900)
    build.host.file(f"{top}/opt/app/deploy.sh", f"#!/bin/sh\nupload shop {SECRET}\n", uid=900)
    build.host.file(f"{top}/opt/app/token.txt", b"QUFB" + base64.b64encode(f"shop:{SECRET}".encode()), uid=900)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes.txt", f"see {SECRET}")
    build.host.file(f"{top}/opt/app/notes.zip", packed.getvalue(), uid=900)
    build.host.file(f"{top}/opt/app/harmless.sh", "#!/bin/sh\necho yes\n", uid=900)
    assert build.shown() == []
    names = {each.path.rpartition("/")[2] for each in build.plan.secrets}
    assert names == {"app.conf", "deploy.sh", "token.txt", "notes.zip"}


def test_a_file_with_a_secret_gives_no_value_to_the_environment(build: Build) -> None:
    path = f"{build.top}/etc/app/env"
    build.host.file(path, f'APP_NAME="Green Kestrel 7"\nDB_PASSWORD={SECRET}\n')
    build.arguments = [path]
    build.environment += ["APP_NAME=Green Kestrel 7", f"DB_PASSWORD={SECRET}", "OTHER=plain"]
    assert build.shown() == []
    assert build.shown("Green Kestrel 7") == []
    assert build.plan.start.secret_environment == ("APP_NAME", "DB_PASSWORD")
    assert dict(build.plan.start.environment)["OTHER"] == "plain"


def test_a_password_of_the_environment_is_masked_in_arguments(build: Build) -> None:
    build.environment += [f"DB_PASSWORD={SECRET}"]
    build.arguments = ["serve", f"shop/{SECRET}@db01"]
    assert build.shown() == []


def test_words_that_another_account_plants_blank_nothing(build: Build) -> None:
    path = f"{build.top}/home/bob/notes.ini"
    build.host.file(path, "password = pgsql01.corp.example\n", uid=1000)
    build.arguments = [path, "--server", "pgsql01.corp.example"]
    build.environment += ["SERVER=pgsql01.corp.example"]
    build.host.file(f"{build.top}/opt/app/app.conf", "server: pgsql01.corp.example\n", uid=900)
    build.run()
    assert dict(build.plan.start.environment)["SERVER"] == "pgsql01.corp.example"
    assert build.plan.start.service[-1] == "pgsql01.corp.example"
    assert [each.path for each in build.plan.secrets] == [path]


def test_a_file_that_a_person_declared_harmless_is_inside_and_noted(build: Build) -> None:
    path = f"{build.top}/opt/app/example.conf"
    build.host.file(path, f"password = {SECRET}\n", uid=900)
    build.host.file(f"{build.top}/opt/app/real.conf", "password = An0ther-Kestrel\n", uid=900)
    build.run()
    assert path in {each.path for each in build.plan.secrets}
    build.not_secret = (path,)
    build.run()
    assert [each.path for each in build.plan.secrets] == [f"{build.top}/opt/app/real.conf"]
    assert path in {each.path for each in build.plan.files}
    assert f"{path} was declared not secret and is inside: line 1: value of password" in build.plan.notes
    build.not_secret = ()
    build.run()
    assert path in {each.path for each in build.plan.secrets}
    assert build.shown() == []
