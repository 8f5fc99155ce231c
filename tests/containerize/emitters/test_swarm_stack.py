"""Swarm reads from the stack file what the plan says, whatever a host calls its things."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings

from containerize.emitters import swarm_stack
from containerize.profile.workload_profile import NOTHING_SEEN
from tests.containerize.emitters.cases import HOSTILE, emission, emitted, hostile_emission
from tests.containerize.emitters.texts import EXAMPLES, TEXTS
from tests.containerize.emitters.tools import stack_config


def written(given: Any) -> Any:
    return yaml.safe_load(emitted(swarm_stack.EMITTER, given)["stack.yaml"])


def configured(text: str, folder: Path) -> Any:
    (folder / "stack.yaml").write_text(text, "utf-8")
    return stack_config(folder / "stack.yaml", {"TOKEN": "t"})


def test_it_says_what_the_plan_and_the_scan_say() -> None:
    service = written(emission())["services"]["apache2"]
    assert service["ports"] == [{"target": 80, "published": 80, "protocol": "tcp", "mode": "ingress"}]
    assert service["volumes"][0] == {"type": "volume", "source": "data-var-lib-app", "target": "/var/lib/app"}
    assert service["secrets"][0]["mode"] == 0o640
    assert "sysctls" not in service
    assert service["deploy"]["resources"] == {
        "limits": {"memory": str(496 << 20), "cpus": "1.00", "pids": 512},
        "reservations": {"memory": str(60 << 20), "cpus": "0.03"},
    }


def test_data_is_never_shared_by_two_tasks_and_without_data_the_new_one_starts_first() -> None:
    order = written(emission())["services"]["apache2"]["deploy"]["update_config"]["order"]
    bare = emission(replace(emission().plan, volumes=()), NOTHING_SEEN)
    assert order == "stop-first"
    assert written(bare)["services"]["apache2"]["deploy"]["update_config"]["order"] == "start-first"


def test_what_swarm_cannot_say_is_said_in_the_head() -> None:
    plan = emission().plan
    text = emitted(swarm_stack.EMITTER, emission(replace(plan, start=replace(plan.start, groups=(44,)))))["stack.yaml"]
    assert "# Swarm cannot give a service /dev/fuse." in text
    assert "--group-add" in text


@given(TEXTS)
@example(HOSTILE)
def test_a_text_of_a_host_stays_what_it_is(text: str) -> None:
    (service,) = written(hostile_emission(text))["services"].values()
    escaped = text.replace("$", "$$")
    assert service["hostname"] == escaped
    assert service["volumes"][0]["target"] == f"/data/{escaped}"
    assert service["environment"] == {"TOKEN": "${TOKEN:?}"}


@pytest.mark.live
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXTS)
@example(HOSTILE)
def test_docker_reads_back_what_the_host_sent(tmp_path: Path, text: str) -> None:
    found = configured(emitted(swarm_stack.EMITTER, hostile_emission(text))["stack.yaml"], tmp_path)
    (service,) = found["services"].values()
    assert service.get("hostname", "") == text
    assert service["secrets"][0]["target"] == f"/etc/{text}"
    assert "sysctls" not in service
    assert service["environment"] == {"TOKEN": "t"}


@pytest.mark.live
@pytest.mark.parametrize("text", [text for text in EXAMPLES if text])
def test_docker_takes_for_text_what_yaml_has_other_uses_for(text: str, tmp_path: Path) -> None:
    (service,) = configured(emitted(swarm_stack.EMITTER, hostile_emission(text))["stack.yaml"], tmp_path)[
        "services"
    ].values()
    assert service["hostname"] == text


@pytest.mark.live
def test_docker_accepts_a_whole_file(tmp_path: Path) -> None:
    found = configured(emitted(swarm_stack.EMITTER, emission())["stack.yaml"], tmp_path)
    assert found["services"]["apache2"]["image"] == "localhost/brownfield/web01/apache2:lift"
    assert list(found["secrets"]) == ["web01-apache2-etc-app-app-ini"]
