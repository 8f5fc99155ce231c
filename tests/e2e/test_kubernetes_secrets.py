"""Pods as they are written for Kubernetes have their secrets where the service looks for them, with the owner, the mode
and the groups that it insists on; and without them they do not start.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_plan
from inventory.store.workspace import Workspace
from tests.e2e.command import assess
from tests.e2e.copies import until
from tests.e2e.kube_play import Podman, played, pod_of, podman, secret
from tests.e2e.small_services import HOST
from tests.estate import RunningHost

pytestmark = [pytest.mark.estate, pytest.mark.engine, pytest.mark.timeout(900)]

REDIS, POSTGRESQL = "redis-server", "postgresql"


@pytest.fixture(scope="module")
def engine(services: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Podman]:
    done = assess(services, "build", f"{HOST}/{REDIS}", f"{HOST}/{POSTGRESQL}")
    assert done.status == 0, done.errors
    with podman(tmp_path_factory.mktemp("podman") / "storage") as running:
        for name in (REDIS, POSTGRESQL):
            running.load(build(services, name), plan_of(services, name).image)
        yield running


def build(place: Path, name: str) -> Path:
    return Workspace.open(place).build(HOST, name)


def plan_of(place: Path, name: str) -> ImagePlan:
    return load_plan(build(place, name))


def objects(place: Path, name: str, host: RunningHost) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """Pod, claims, and the Secret with what the files have on the server, under the keys that the pod asks for."""
    pod, claims = pod_of(build(place, name))
    (given,) = (each for each in pod["spec"]["volumes"] if each["name"] == "secrets-given")
    (container,) = pod["spec"]["containers"]
    keys = {each["mountPath"]: each["subPath"] for each in container["volumeMounts"] if "subPath" in each}
    data = {keys[path]: host.run("cat", path).encode() for path in keys}
    return pod, claims, secret(given["secret"]["secretName"], data)


def container_of(pod: dict[str, Any]) -> str:
    return f"{pod['metadata']['name']}-{pod['spec']['containers'][0]['name']}"


def within(engine: Podman, pod: dict[str, Any], *command: str) -> str:
    return engine.done("exec", container_of(pod), *command)


_LOOKS = ("stat", "-L", "-c", "%F %a %u:%g %s")


def test_redis_has_its_password_from_the_secret(engine: Podman, services: Path, services_host: RunningHost) -> None:
    pod, claims, given = objects(services, REDIS, services_host)
    ping = ("sh", "-c", "REDISCLI_AUTH=estate-redis-password redis-cli ping")
    with played(engine, given, *claims, pod) as play:
        assert play.returncode == 0, play.stderr
        until(lambda: engine.run("exec", container_of(pod), *ping).stdout == b"PONG\n", "Redis answers")
        assert "NOAUTH" in within(engine, pod, "redis-cli", "ping")
        for secret_file in plan_of(services, REDIS).secrets:
            assert within(engine, pod, *_LOOKS, secret_file.path) == services_host.run(*_LOOKS, secret_file.path)
            assert within(engine, pod, "cat", secret_file.path) == services_host.run("cat", secret_file.path)
        assert within(engine, pod, *_LOOKS[:-1], "%a %u:%g", "/var/lib/redis") == services_host.run(
            *_LOOKS[:-1], "%a %u:%g", "/var/lib/redis"
        )


def test_postgresql_may_read_a_key_by_its_group(engine: Podman, services: Path, services_host: RunningHost) -> None:
    """It refuses to start when the key belongs to others, or others may read it."""
    plan = plan_of(services, POSTGRESQL)
    pod, claims, given = objects(services, POSTGRESQL, services_host)
    (claim,) = claims
    initialise = "mkdir -p /data/15/main && chown -R $0 /data && chmod 700 /data/15/main"
    initialise += " && exec setpriv --reuid=${0%:*} --regid=${0#*:} --clear-groups"
    initialise += " /usr/lib/postgresql/15/bin/initdb -D /data/15/main"
    volume = f"{claim['metadata']['name']}:/data"
    run = ("run", "--rm", "--network=none", "--user=0:0", "--entrypoint=/bin/sh", "-v", volume, plan.image)
    engine.done(*run, "-c", initialise, plan.start.user)
    shows = ("psql", "-XAtq", "-d", "postgres", "-c", "SELECT current_setting('ssl'), 6 * 7")
    with played(engine, given, *claims, pod) as play:
        assert play.returncode == 0, play.stderr
        until(lambda: engine.run("exec", container_of(pod), *shows).stdout == b"on|42\n", "PostgreSQL answers")
        (key,) = plan.secrets
        assert within(engine, pod, *_LOOKS, key.path) == services_host.run(*_LOOKS, key.path)


@pytest.mark.parametrize("name", [REDIS, POSTGRESQL])
def test_without_its_secret_nothing_starts(
    engine: Podman, services: Path, services_host: RunningHost, name: str
) -> None:
    pod, claims, given = objects(services, name, services_host)
    with played(engine, *claims, pod) as play:
        assert play.returncode != 0
        assert given["metadata"]["name"] in play.stderr.decode()
        running = json.loads(engine.done("ps", "--format", "json"))
        assert [each["Names"] for each in running if container_of(pod) in each["Names"]] == []


def test_a_secret_without_the_key_stops_the_pod_before_the_service(
    engine: Podman, services: Path, services_host: RunningHost
) -> None:
    """A file is missing from the Secret: the init container ends with an error, and the service is never started."""
    pod, claims, given = objects(services, REDIS, services_host)
    (value,) = given["data"].values()
    owners = f"{pod['metadata']['name']}-owners"
    with played(engine, {**given, "data": {"other": value}}, *claims, pod) as play:
        assert play.returncode != 0
        assert "init container" in play.stderr.decode()
        assert "cannot stat" in engine.run("logs", owners).stderr.decode()
        assert engine.done("inspect", "--format", "{{.State.Status}}", container_of(pod)).strip() == "created"
