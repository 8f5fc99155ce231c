"""What is written beside an image says what the plan says, and no name from a host changes what it means."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from containerize.build.artifacts import write_artifacts
from containerize.build.builder import BuildFolders
from containerize.content_store import ContentStore
from containerize.emitters import EMITTERS
from containerize.emitters.emission import (
    Emission,
    LayerFile,
    comment,
    docker_value,
    unique_slugs,
)
from containerize.image.write_image import write_image
from containerize.plan.model import ImagePlan, Start
from tests.containerize.emitters.cases import BUILT, HOSTILE, emitted, hostile_plan
from tests.containerize.plans import directory, make_plan, planned


def _emitted(plan: ImagePlan) -> dict[str, str]:
    given = Emission(plan, BUILT, (LayerFile("base", "image/blobs/sha256/00", 3),))
    return {path: text for emitter in EMITTERS for path, text in emitted(emitter, given).items()}


def test_a_containerfile_has_the_instructions_of_the_plan() -> None:
    lines = _emitted(make_plan([]))["Containerfile"].split("\n")
    assert [line for line in lines if line and not line.startswith("#")] == [
        "FROM scratch",
        "ADD image/blobs/sha256/00 /",
        'ENV LANG="de_DE.UTF-8"',
        "EXPOSE 80/tcp",
        'VOLUME ["/var/lib/app"]',
        "WORKDIR /",
        "USER 0:0",
        "STOPSIGNAL SIGWINCH",
        'ENTRYPOINT ["/usr/sbin/apache2", "-D", "FOREGROUND"]',
    ]


def test_no_name_from_a_host_adds_an_instruction() -> None:
    text = _emitted(hostile_plan())["Containerfile"]
    instructions = [line.split(" ")[0] for line in text.split("\n") if line and not line.startswith("#")]
    expected = ["FROM", "ADD", "ENV", "EXPOSE", "VOLUME", "WORKDIR", "USER", "STOPSIGNAL", "ENTRYPOINT"]
    assert instructions == expected
    assert "\x1b" not in text
    assert "49" not in text


def test_a_compose_file_says_what_the_plan_says() -> None:
    document = yaml.safe_load(_emitted(make_plan([]))["compose.yaml"])
    service = document["services"]["apache2"]
    assert service["image"] == "localhost/brownfield/web01/apache2:lift"
    assert service["ports"] == ["80:80/tcp"]
    assert service["volumes"] == [{"type": "volume", "source": "var-lib-app", "target": "/var/lib/app"}]
    assert service["tmpfs"] == ["/run/apache2:uid=0,gid=0,mode=755"]
    assert service["secrets"] == [
        {"source": "etc-app-app-ini", "target": "/etc/app/app.ini", "uid": "0", "gid": "33", "mode": 0o640}
    ]
    assert service["extra_hosts"] == ["db01=10.77.0.12"]
    assert service["ulimits"] == {"nofile": {"soft": 1024, "hard": 4096}}
    assert (service["mem_limit"], service["cpus"], service["pids_limit"]) == (1 << 30, 1, 512)
    assert document["secrets"] == {"etc-app-app-ini": {"file": "./secrets/etc-app-app-ini"}}


def test_the_own_names_of_a_host_do_not_lead_to_the_legacy_host() -> None:
    aliases = (("web01", "10.77.0.11"), ("web01.example", "10.77.0.11"), ("db01", "10.77.0.12"))
    document = yaml.safe_load(_emitted(make_plan([], host_aliases=aliases))["compose.yaml"])
    service = document["services"]["apache2"]
    assert service["extra_hosts"] == ["db01=10.77.0.12"]
    assert service["networks"] == {"default": {"aliases": ["web01.example"]}}


def test_no_name_from_a_host_changes_a_compose_file() -> None:
    document = yaml.safe_load(_emitted(hostile_plan())["compose.yaml"])
    (service,) = document["services"].values()
    escaped = HOSTILE.replace("$", "$$")
    assert service["hostname"] == escaped
    assert service["secrets"][0]["target"] == f"/etc/{escaped}"
    assert service["environment"] == {"TOKEN": "${TOKEN:?}"}
    assert set(document) == {"name", "services", "volumes", "secrets"}


@pytest.mark.engine
@pytest.mark.parametrize("hostile", [False, True])
def test_docker_compose_accepts_the_file(hostile: bool, tmp_path: Path) -> None:
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    ):
        pytest.skip("no docker compose")
    (tmp_path / "compose.yaml").write_text(_emitted(hostile_plan() if hostile else make_plan([]))["compose.yaml"])
    command = ["docker", "compose", "-f", str(tmp_path / "compose.yaml"), "config"]
    run = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "TOKEN": "t"})
    assert run.returncode == 0, run.stderr


@pytest.mark.engine
def test_docker_builds_the_same_image_from_the_containerfile(tmp_path: Path, store: ContentStore) -> None:
    if subprocess.run(["docker", "version"], capture_output=True).returncode:
        pytest.skip("no Docker engine")
    files = [directory("/etc", "application"), planned(store, "/etc/app.conf", b"setting")]
    start = Start(("/x", "$A b"), (("A", "a$b\"c\\d'e"),), (), "1:2", "/etc", "SIGQUIT", False, "x")
    plan = make_plan(files, start=start, image="localhost/brownfield-test/containerfile:lift")
    built = write_image(plan, store, tmp_path / "layers", tmp_path / "image")
    write_artifacts(plan, built, BuildFolders(tmp_path / "content", tmp_path))
    try:
        command = ["docker", "build", "-q", "-t", plan.image, "-f", str(tmp_path / "Containerfile"), str(tmp_path)]
        subprocess.run(command, check=True, capture_output=True)
        shown = subprocess.run(["docker", "image", "inspect", plan.image], check=True, capture_output=True)
        config = json.loads(shown.stdout)[0]["Config"]
    finally:
        subprocess.run(["docker", "image", "rm", plan.image], capture_output=True)
    assert config["Entrypoint"] == ["/x", "$A b"]
    assert "A=a$b\"c\\d'e" in config["Env"]
    assert (config["User"], config["WorkingDir"], config["StopSignal"]) == ("1:2", "/etc", "SIGQUIT")


def test_the_reason_of_every_file_is_listed(store: ContentStore) -> None:
    document = json.loads(_emitted(make_plan([planned(store, "/etc/a", b"1")]))["files.json"])
    (row,) = document["files"]
    assert row == {"path": "/etc/a", "kind": "file", "layer": "application", "size": 1, "reason": "needed for /etc/a"}
    assert document["left_out"] == [{"path": "/usr/share/doc", "reason": "documentation"}]


def test_no_emitter_writes_outside_of_the_folder_or_over_another() -> None:
    emission = Emission(make_plan([]), BUILT, ())
    paths = [path for emitter in EMITTERS for path in emitter.emit(emission)]
    assert len(paths) == len(set(paths))
    assert all(not path.is_absolute() and ".." not in PurePosixPath(path).parts for path in paths)


@given(st.text(st.characters(exclude_categories=[])))
def test_a_comment_is_one_line(text: str) -> None:
    assert "\n" not in comment(text)
    assert len(comment(text).splitlines()) <= 1


@given(st.text())
def test_a_value_of_a_containerfile_is_one_quoted_line_or_refused(text: str) -> None:
    try:
        quoted = docker_value(text)
    except ValueError:
        return
    assert len(quoted.splitlines()) == 1
    assert quoted[0] == quoted[-1] == '"'


@given(st.lists(st.text(), unique=True))
def test_slugs_are_different_for_different_paths(texts: list[str]) -> None:
    assert len(set(unique_slugs(texts).values())) == len(texts)
