"""A service is asked by a program of its image where there is one, and is never harmed by being asked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from containerize.emitters import compose, haproxy_switch, quadlet, swarm_stack
from containerize.emitters.health_check import health_of
from containerize.emitters.kubernetes import manifests
from tests.containerize.emitters import tools
from tests.containerize.emitters.cases import database, emission, emitted

ADMIN = "/usr/bin/mariadb-admin"


def test_a_program_of_the_image_comes_before_the_port() -> None:
    asked = health_of(database(ADMIN).plan)
    assert asked is not None
    assert asked.command == (ADMIN, "ping")
    dialled = health_of(emission().plan)
    assert dialled is not None
    assert (dialled.command, dialled.port and dialled.port.port) == ((), 80)


def test_every_form_asks_with_it() -> None:
    given = database(ADMIN)
    (service,) = yaml.safe_load(emitted(compose.EMITTER, given)["compose.yaml"])["services"].values()
    assert service["healthcheck"]["test"] == ["CMD", ADMIN, "ping"]
    (service,) = yaml.safe_load(emitted(swarm_stack.EMITTER, given)["stack.yaml"])["services"].values()
    assert service["healthcheck"]["test"] == ["CMD", ADMIN, "ping"]
    units = emitted(quadlet.EMITTER, given)
    assert f"HealthCmd={ADMIN} ping" in units["quadlet/web01-apache2.container"].split("\n")
    workload = yaml.safe_load(emitted(manifests.EMITTER, given)["kubernetes/base/workload.yaml"])
    (container,) = workload["spec"]["template"]["spec"]["containers"]
    assert container["livenessProbe"]["exec"] == {"command": [ADMIN, "ping"]}


def test_a_server_that_locks_out_who_says_nothing_is_not_dialled() -> None:
    given = database()
    text = emitted(manifests.EMITTER, given)["kubernetes/base/workload.yaml"]
    assert "Probe" not in yaml.safe_dump(yaml.safe_load(text))
    assert "# No probes: the server locks out silent clients" in text
    lines = emitted(haproxy_switch.EMITTER, given)["haproxy/blue-green.cfg"].split("\n")
    assert not [line for line in lines if line.strip().startswith("server ") and " check" in line]
    lines = emitted(haproxy_switch.EMITTER, emission())["haproxy/blue-green.cfg"].split("\n")
    assert len([line for line in lines if line.strip().startswith("server ") and " check" in line]) == 2


@pytest.mark.live
def test_the_tools_read_the_checks(tmp_path: Path) -> None:
    given = database(ADMIN)
    for emitter in (compose.EMITTER, swarm_stack.EMITTER, quadlet.EMITTER, haproxy_switch.EMITTER):
        for path, text in emitted(emitter, given).items():
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(text)
    (service,) = tools.stack_config(tmp_path / "stack.yaml")["services"].values()
    assert service["healthcheck"]["test"] == ["CMD", ADMIN, "ping"]
    assert f"{ADMIN} ping" in tools.quadlet(tmp_path / "quadlet")["web01-apache2.service"]
    tools.haproxy_check(tmp_path / "haproxy/blue-green.cfg")
    if subprocess.run([tools.program("docker"), "compose", "version"], capture_output=True).returncode:
        pytest.skip("no docker compose")
    command = ["docker", "compose", "-f", str(tmp_path / "compose.yaml"), "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    (service,) = json.loads(done.stdout)["services"].values()
    assert service["healthcheck"]["test"] == ["CMD", ADMIN, "ping"]
    assert service["security_opt"] == ["no-new-privileges:true"]
