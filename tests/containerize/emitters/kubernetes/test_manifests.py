"""Kubernetes gets valid objects that say what the plan says; kubectl builds the overlays."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings

from containerize.emitters.emission import Emission
from containerize.emitters.kubernetes import manifests
from containerize.emitters.kubernetes.objects import literal
from containerize.plan.model import ImagePlan
from containerize.profile.workload_profile import NOTHING_SEEN
from tests.containerize.emitters.cases import HOSTILE, emission, emitted, hostile_emission
from tests.containerize.emitters.texts import EXAMPLES, PRINTABLE, TEXTS
from tests.containerize.emitters.tools import kustomize

kubernetes_validate = pytest.importorskip("kubernetes_validate")

VERSIONS = ("1.28", "1.32", "1.37")
BASE = "kubernetes/base"


def objects(given: Emission, folder: str = BASE) -> list[dict[str, Any]]:
    files = emitted(manifests.EMITTER, given)
    return [
        document
        for path, text in files.items()
        if path.startswith(folder) and not path.endswith("kustomization.yaml")
        for document in yaml.safe_load_all(text)
    ]


def the(kind: str, given: Emission, folder: str = BASE) -> dict[str, Any]:
    (found,) = [each for each in objects(given, folder) if each["kind"] == kind]
    return found


def pod(given: Emission) -> dict[str, Any]:
    kind = "StatefulSet" if given.plan.volumes else "Deployment"
    found: dict[str, Any] = the(kind, given)["spec"]["template"]["spec"]
    return found


def stateless(plan: ImagePlan) -> ImagePlan:
    return replace(plan, volumes=(), secrets=(), ports=(), capabilities=(), shm_bytes=0)


def expand(text: str) -> str:
    """What Kubernetes makes of a command, with no variable defined (its documentation of ``command``)."""
    return re.sub(r"\$\$|\$\(\w+\)", lambda match: "$" if match[0] == "$$" else "(a variable)", text)


CASES = {
    "full": emission(),
    "hostile": hostile_emission(),
    "read-only": replace(emission(), read_only_root=True),
    "bare": emission(stateless(emission().plan), NOTHING_SEEN),
}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", CASES)
def test_every_object_is_valid(case: str, version: str) -> None:
    found = objects(CASES[case])
    assert {"Service", "NetworkPolicy"} <= {each["kind"] for each in found}
    for each in [*found, *objects(CASES[case], "kubernetes/overlays/observed-only")]:
        kubernetes_validate.validate(each, version, strict=True)


def test_data_makes_it_a_stateful_set_with_claims_of_their_own() -> None:
    assert {each["kind"] for each in objects(emission())} == {
        "StatefulSet",
        "Service",
        "PersistentVolumeClaim",
        "NetworkPolicy",
        "CronJob",
    }
    claim = the("PersistentVolumeClaim", emission())
    assert claim["spec"]["resources"]["requests"]["storage"] == "10Gi"
    assert pod(emission())["volumes"][0]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]
    assert the("Deployment", CASES["bare"])["spec"]["replicas"] == 1


def test_secrets_are_named_and_placed_with_their_owner() -> None:
    spec = pod(emission())
    assert {"name": "secrets-given", "secret": {"secretName": "web01-apache2-files", "defaultMode": 0o400}} in spec[
        "volumes"
    ]
    assert spec["initContainers"][0]["command"][-4:] == [
        "f-etc-app-app-ini",
        "/secrets-placed/f-etc-app-app-ini",
        "0:33",
        "0640",
    ]
    mounts = {each["mountPath"]: each for each in spec["containers"][0]["volumeMounts"]}
    assert mounts["/etc/app/app.ini"]["subPath"] == "f-etc-app-app-ini"


def test_probes_sizes_and_settings_come_from_what_was_seen() -> None:
    spec = pod(emission())
    (container,) = spec["containers"]
    assert container["readinessProbe"]["tcpSocket"] == {"port": 80}
    assert container["resources"] == {
        "requests": {"memory": "60Mi", "cpu": "30m"},
        "limits": {"memory": "496Mi", "cpu": "1000m"},
    }
    head = emitted(manifests.EMITTER, emission())[f"{BASE}/workload.yaml"]
    assert "by p95 of 168 hours by sysstat: 3 processes" in head
    assert "podPidsLimit of the kubelet): 512 or more" in head


def test_an_ordinary_user_loses_all_capabilities_and_still_binds_its_port() -> None:
    plan = replace(emission().plan, capabilities=())
    spec = pod(emission(replace(plan, start=replace(plan.start, user="33:33", groups=(4,))), NOTHING_SEEN))
    context = spec["containers"][0]["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert (context["runAsUser"], context["runAsNonRoot"], context["allowPrivilegeEscalation"]) == (33, True, False)
    assert spec["securityContext"]["supplementalGroups"] == [4]
    assert spec["securityContext"]["sysctls"] == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]


def test_jobs_run_beside_the_service_and_what_cannot_be_taken_over_is_named() -> None:
    spec = the("CronJob", emission())["spec"]
    assert (spec["schedule"], spec["timeZone"]) == ("*/5 * * * *", "Europe/Berlin")
    job = spec["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = job["containers"]
    assert [expand(word) for word in container["command"]] == ["/bin/sh", "-c", "/usr/bin/php $HOME/x $(date +%H)"]
    assert (container["securityContext"]["runAsUser"], job["restartPolicy"]) == (33, "Never")
    assert container["resources"]["limits"] == {"memory": "512Mi", "cpu": "1000m"}
    assert "affinity" in job
    head = emitted(manifests.EMITTER, emission())[f"{BASE}/jobs.yaml"]
    assert "# Not taken over: /etc/cron.d/app, as root: its time has no form in five fields." in head


def test_the_narrow_policy_knows_whom_we_saw_and_nobody_else() -> None:
    policy = the("NetworkPolicy", emission(), "kubernetes/overlays/observed-only")["spec"]
    (rule,) = policy["ingress"]
    assert rule["from"] == [
        {"ipBlock": {"cidr": "10.77.0.13/32"}},
        {"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "app01-inventory-app"}}},
        {"ipBlock": {"cidr": "10.77.0.99/32"}},
    ]
    assert [each["ports"][0]["port"] for each in policy["egress"]] == [53, 3306, 6379]
    assert all("to" in each for each in policy["egress"][1:])
    open_policy = the("NetworkPolicy", emission())["spec"]
    assert open_policy["ingress"] == [{"ports": [{"protocol": "TCP", "port": 80}]}]
    assert open_policy["policyTypes"] == ["Ingress"]


@given(TEXTS)
def test_kubernetes_expands_nothing_in_a_literal(text: str) -> None:
    assert expand(literal(text)) == text


@pytest.mark.parametrize("text", EXAMPLES)
def test_nor_in_what_other_languages_would_expand(text: str) -> None:
    assert expand(literal(text)) == text


@given(TEXTS)
@example(HOSTILE)
def test_a_text_of_a_host_stays_what_it_is(text: str) -> None:
    found = objects(hostile_emission(text))
    by_kind = {each["kind"]: each["spec"] for each in found}
    job = by_kind["CronJob"]["jobTemplate"]["spec"]["template"]["spec"]
    assert expand(job["containers"][0]["command"][-1]) == text
    assert all(re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", each["metadata"]["name"]) for each in found)


def built(given: Emission, overlay: str, folder: Path) -> list[dict[str, Any]]:
    for path, text in emitted(manifests.EMITTER, given).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return kustomize(folder / "kubernetes/overlays" / overlay)


@pytest.mark.live
@pytest.mark.parametrize("overlay", ["site", "observed-only"])
@pytest.mark.parametrize("case", CASES)
def test_kustomize_builds_the_overlays(case: str, overlay: str, tmp_path: Path) -> None:
    found = built(CASES[case], overlay, tmp_path)
    assert len(found) == len(objects(CASES[case]))
    for each in found:
        kubernetes_validate.validate(each, VERSIONS[-1], strict=True)
    (policy,) = [each for each in found if each["kind"] == "NetworkPolicy"]
    assert ("Egress" in policy["spec"]["policyTypes"]) == (overlay == "observed-only")


@pytest.mark.live
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(PRINTABLE)
def test_kustomize_reads_back_what_the_host_sent(tmp_path: Path, text: str) -> None:
    found = {each["kind"]: each for each in built(hostile_emission(text), "site", tmp_path)}
    job = found["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert expand(job["containers"][0]["command"][-1]) == text
