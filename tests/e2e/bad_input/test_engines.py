"""A machine on which no engine runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.bad_input.command import told
from tests.e2e.bad_input.conftest import WORKLOAD

pytestmark = pytest.mark.estate

NOWHERE = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}


def test_an_engine_that_does_not_run(built: Path, tmp_path: Path) -> None:
    done = told(built, "pilot", WORKLOAD, "--runtime", "docker", **NOWHERE)
    assert (done.status, done.output) == (3, "")
    assert done.sentence == (
        "no Docker engine runs here (/nowhere/docker.sock is missing); start it (systemctl start docker), "
        "or choose another runtime with --runtime"
    )
    (tmp_path / "socket").touch()
    done = told(built, "pilot", WORKLOAD, "--runtime", "docker", DOCKER_HOST=f"unix://{tmp_path}/socket")
    assert done.status == 3
    assert f"{tmp_path}/socket does not answer (Connection refused); start it" in done.sentence
    done = told(built, "pilot", WORKLOAD, "--runtime", "docker", DOCKER_HOST="tcp://192.0.2.1:2375")
    assert (done.status, "is on another machine; a pilot needs one on this machine" in done.sentence) == (3, True)


def test_a_machine_without_any_runtime(built: Path) -> None:
    done = told(built, "pilot", WORKLOAD, "--json", PATH="/nowhere", **NOWHERE)
    assert done.status == 3
    assert done.document["error"].startswith("nothing here runs containers. docker: no Docker engine runs here")
    for remedy in (
        "start it (systemctl start docker). ",
        "podman: Podman is not installed here; install it. ",
        "oci: ",
    ):
        assert remedy in done.document["error"]


@pytest.mark.parametrize("runtime", ["podman", "oci"])
def test_a_runtime_that_is_not_installed(built: Path, runtime: str) -> None:
    done = told(built, "pilot", WORKLOAD, "--runtime", runtime, PATH="/nowhere")
    assert (done.status, "install" in done.sentence) == (3, True)


def test_everything_but_a_pilot_works_without_an_engine(built: Path) -> None:
    assert told(built, "report", PATH="/nowhere", **NOWHERE).status == 0
    export = told(built, "export", "--json", PATH="/nowhere", **NOWHERE)
    assert (export.status, export.document["targets"][0]["engine"]) == (0, None)
