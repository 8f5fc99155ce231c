"""Quadlet units as they are written start a service under systemd, without root, on a machine of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from containerize.plan.plan_json import load_plan
from inventory.store.workspace import Workspace
from tests.e2e.command import assess
from tests.e2e.copies import until
from tests.e2e.small_services import HOST
from tests.estate import Estate, RunningHost

pytestmark = [pytest.mark.estate, pytest.mark.vm, pytest.mark.slow, pytest.mark.timeout(1500)]

SERVICE = f"{HOST}-bookings"
UNITS = ".config/containers/systemd"


@pytest.fixture(scope="module")
def target(vm: None) -> Iterator[RunningHost]:
    """A container host with systemd and Podman, and no engine of root."""
    with Estate.running(("vm02",)) as estate:
        yield estate.host("vm02")


@pytest.fixture(scope="module")
def build(services: Path) -> Path:
    done = assess(services, "build", f"{HOST}/bookings")
    assert done.status == 0, done.errors
    return Workspace.open(services).build(HOST, "bookings")


def ops(target: RunningHost, command: str, given: bytes = b"", *, check: bool = True) -> str:
    """What a command prints that is run by an ordinary account."""
    line = f"export XDG_RUNTIME_DIR=/run/user/$(id -u); {command}"
    run = subprocess.run(target.ssh_argv("ops", "sh", "-c", line), input=given, capture_output=True, check=False)
    assert run.returncode == 0 or not check, run.stderr.decode()
    return run.stdout.decode()


@pytest.fixture(scope="module")
def started(target: RunningHost, build: Path, services_host: RunningHost) -> RunningHost:
    """As the head of the unit says: the image, the units, the secret, and then the start."""
    plan = load_plan(build)
    packed = subprocess.run(["tar", "-C", str(build), "-cf", "-", "image", "quadlet"], capture_output=True, check=True)
    ops(target, f"tar -xf - && mkdir -p {UNITS} && mv quadlet/* {UNITS}", packed.stdout)
    ops(target, f"podman tag $(podman pull -q oci:image) {plan.image}")
    (secret,) = plan.secrets
    (line,) = (line for line in unit(build).splitlines() if line.startswith("Secret="))
    name = line.removeprefix('Secret="').partition(",")[0]
    ops(target, f"podman secret create {name} -", services_host.run("cat", secret.path).encode())
    ops(target, f"systemctl --user daemon-reload && systemctl --user start {SERVICE}.service")
    until(lambda: page(target, "health") == "well\n", "the service answers", seconds=90)
    return target


def unit(build: Path) -> str:
    return (build / "quadlet" / f"{SERVICE}.container").read_text()


def page(target: RunningHost, path: str) -> str:
    return ops(target, f"curl -sS http://localhost:8001/{path}", check=False)


def test_it_answers_as_the_server_does(started: RunningHost, services_host: RunningHost) -> None:
    for path in ("environment", "tls", "archive"):
        live = services_host.run("curl", "-sS", f"http://localhost:8001/{path}")
        assert page(started, path) == live


def test_the_secret_has_its_owner_and_its_mode(started: RunningHost, services_host: RunningHost) -> None:
    looks = ("stat", "-c", "%a %u:%g %s", "/etc/bookings/tls.key")
    assert ops(started, f"podman exec {SERVICE} {looks[0]} -c '{looks[2]}' {looks[3]}") == services_host.run(*looks)


def test_the_memory_limit_is_that_of_the_container_alone(started: RunningHost, build: Path) -> None:
    (line,) = (line for line in unit(build).splitlines() if line.startswith("PodmanArgs=--memory="))
    group = "/sys/fs/cgroup$(systemctl --user show -P ControlGroup bookings)".replace("bookings", f"{SERVICE}.service")
    limits = ops(started, f"cd {group} && cat memory.max libpod-payload-*/memory.max").split()
    assert limits == ["max", line.rpartition("=")[2]]


def test_systemd_starts_it_again_and_its_data_stay(started: RunningHost) -> None:
    ops(started, "curl -sS --data-binary @- http://localhost:8001/rooms/cellar", b"Dienstag")
    before = json.loads(ops(started, f"podman inspect {SERVICE}"))[0]["Id"]
    ops(started, f"podman kill {SERVICE}")
    until(lambda: page(started, "health") == "well\n", "systemd has started it again", seconds=90)
    assert json.loads(ops(started, f"podman inspect {SERVICE}"))[0]["Id"] != before
    assert page(started, "rooms/cellar") == "Dienstag"
    ops(started, f"podman exec {SERVICE} rm /var/lib/bookings/cellar")
