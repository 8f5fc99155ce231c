"""A host that asks for everything gets nothing: no emitted file grants what no person allowed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings

from assess.knowledge.capabilities import DOCKER_DEFAULT, NAMES
from containerize.emitters import EMITTERS, compose, quadlet, readme, seccomp_profile, swarm_stack
from containerize.emitters.decisions import MOST, decisions_of
from containerize.emitters.decisions_json import load_decisions
from containerize.emitters.emission import Emission
from containerize.emitters.kubernetes import manifests
from containerize.grants.model import Grant, allowed
from containerize.profile.workload_profile import NeededSystemCall
from containerize.runtimes.default_seccomp import DEFAULT_CAPABILITIES, seccomp_filter
from tests.containerize.runtimes.test_default_seccomp import rules

from . import tools
from .cases import HOSTILE, SEEN, SHIPPED, emission, emitted
from .texts import TEXTS

DEVICES = (
    "/dev/sda", "/dev/nvme0n1", "/dev/mem", "/dev/kmsg", "/dev/fuse", "/dev/net/tun", "/dev/kvm",
    "/dev/bus/usb/001/002", "/dev/input/by-id/usb-Key:1.0",
)  # fmt: skip
CAPABILITIES = tuple(f"CAP_{name}" for name in NAMES)
CALLS = ("bpf", "io_uring_setup", "perf_event_open", "userfaultfd", "fanotify_init")
DAY = date(2026, 12, 1)
FORBIDDEN = {
    "privileged", "devices", "cap_add", "network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup", "cgroup_parent",
    "device_cgroup_rules", "sysctls", "hostNetwork", "hostPID", "hostIPC", "hostUsers", "hostPath", "hostPort",
    "procMount", "serviceAccountName", "runtime", "gpus", "credential_spec",
}  # fmt: skip


def greedy(*grants: Grant, text: str = "it held it", read_only_root: bool = False) -> Emission:
    """Everything that a host can ask for. ``text`` is all the evidence that it gives."""
    given = emission()
    plan = replace(
        given.plan,
        files=(*given.plan.files, replace(SHIPPED, path="/usr/sbin/raise", mode=0o4755)),
        devices=DEVICES,
        capabilities=CAPABILITIES,
        evidence=tuple((name, text) for name in (*DEVICES, *CAPABILITIES)),
    )
    seen = replace(
        SEEN,
        system_calls=tuple(NeededSystemCall(name, text) for name in CALLS),
        host_network=(text,),
        huge_page_bytes=1 << 30,
        real_time_priority=99,
    )
    held = allowed(grants, DAY)
    return replace(given, plan=plan, seen=seen, allowed=held, grants=grants, read_only_root=read_only_root)


def grant(kind: Any, name: str, until: date = date(2026, 12, 31), reason: str = "for the VPN") -> Grant:
    return Grant(kind, name, "ada", reason, date(2026, 11, 1), until)


def keys_in(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield key, each
            yield from keys_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from keys_in(each)


def composed(given: Emission) -> dict[str, Any]:
    (service,) = yaml.safe_load(emitted(compose.EMITTER, given)["compose.yaml"])["services"].values()
    return dict(service)


def stacked(given: Emission) -> dict[str, Any]:
    (service,) = yaml.safe_load(emitted(swarm_stack.EMITTER, given)["stack.yaml"])["services"].values()
    return dict(service)


def pods(given: Emission) -> list[dict[str, Any]]:
    found = []
    for path, text in emitted(manifests.EMITTER, given).items():
        if path.startswith("kubernetes/base") and "kustomization" not in path:
            for document in yaml.safe_load_all(text):
                spec = document["spec"]
                spec = spec["jobTemplate"]["spec"] if document["kind"] == "CronJob" else spec
                found += [spec["template"]["spec"]] if "template" in spec else []
    assert len(found) >= 2
    return found


def unit(given: Emission) -> list[str]:
    (text,) = (text for path, text in emitted(quadlet.EMITTER, given).items() if path.endswith(".container"))
    return [line for line in text.split("\n") if line and line[0] not in "#["]


def every_yaml(given: Emission) -> Iterator[Any]:
    for emitter in EMITTERS:
        for path, text in emitted(emitter, given).items():
            if path.endswith(".yaml"):
                yield from yaml.safe_load_all(text)


# Nothing is active


def test_no_document_has_a_key_that_grants() -> None:
    documents = list(every_yaml(greedy()))
    assert documents
    for document in documents:
        assert not {key for key, _ in keys_in(document)} & FORBIDDEN
    for service in (composed(greedy()), stacked(greedy())):
        assert {each.get("type") for each in service["volumes"]} <= {"volume", "tmpfs"}
        assert not [each for each in service["volumes"] if "docker.sock" in json.dumps(each)]


def test_no_line_that_is_not_a_comment_names_what_was_denied() -> None:
    named = (*DEVICES, *NAMES, "rtprio", "hugepages", "Network=host")
    usual = {name for bit, name in enumerate(NAMES) if DOCKER_DEFAULT >> bit & 1}
    for emitter in EMITTERS:
        for path, text in emitted(emitter, greedy()).items():
            if path.endswith((".json", ".md")):
                continue  # data and prose
            active = "\n".join(line for line in text.split("\n") if not line.lstrip().startswith("#"))
            words = set(active.replace('"', " ").replace("=", " ").replace(":", " ").split())
            assert not {name for name in named if name in active and "/" in name} | (words & set(named)) - usual, path


def test_compose_gives_no_privileges_and_sets_limits() -> None:
    service = composed(greedy())
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] > 0 and service["cpus"] > 0 and service["pids_limit"] > 0
    assert "read_only" not in service
    assert "rtprio" not in service["ulimits"]


def test_swarm_gives_no_privileges_and_sets_limits() -> None:
    assert set(stacked(greedy())["deploy"]["resources"]["limits"]) == {"memory", "cpus", "pids"}


def test_pods_of_service_and_jobs_gain_nothing() -> None:
    for spec in pods(greedy()):
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert "sysctls" not in spec["securityContext"]
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert "seccompProfile" not in context
            assert set(container["resources"]["limits"]) == {"memory", "cpu"}
            # The init container keeps four of the defaults and drops all others.
            added = set(context.get("capabilities", {}).get("add", ()))
            assert added <= {"CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"}
            assert not added or (container["name"], context["capabilities"]["drop"]) == ("owners", ["ALL"])


def test_an_ordinary_user_keeps_no_capability_on_kubernetes() -> None:
    given = greedy()
    plan = replace(given.plan, start=replace(given.plan.start, user="33:33"))
    service, *_ = (each for each in pods(replace(given, plan=plan)) if "restartPolicy" not in each)
    context = service["containers"][0]["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert context["allowPrivilegeEscalation"] is False


def test_a_unit_gives_no_privileges_and_sets_limits() -> None:
    lines = unit(greedy())
    assert {line.partition("=")[0] for line in lines} <= {
        "Description", "ContainerName", "Image", "Network", "HostName", "StopSignal", "RunInit", "GroupAdd",
        "PublishPort", "Mount", "Secret", "AddHost", "NoNewPrivileges", "Ulimit", "PodmanArgs", "PidsLimit", "ShmSize",
        "Restart", "CPUQuota", "WantedBy",
    }  # fmt: skip
    assert "NoNewPrivileges=true" in lines
    assert "Network=web01-apache2.network" in lines
    assert [line for line in lines if line.startswith("PodmanArgs")] == [f"PodmanArgs=--memory={496 << 20}"]
    assert [line for line in lines if line.startswith("Ulimit")] == ["Ulimit=nofile=1024:4096"]


def test_the_profile_for_system_calls_has_no_capability_that_was_denied() -> None:
    profile = json.loads(emitted(seccomp_profile.EMITTER, greedy())["seccomp.json"])
    default = rules(seccomp_filter(DEFAULT_CAPABILITIES, "x86_64"))
    assert {name for name, _, _ in rules(profile) - default} == set(CALLS)
    for text in (emitted(emitter, greedy()) for emitter in (compose.EMITTER, manifests.EMITTER, quadlet.EMITTER)):
        for content in text.values():
            assert not [line for line in content.split("\n") if "seccomp.json" in line and "#" not in line]


@pytest.mark.live
def test_podman_starts_it_with_nothing_of_it(tmp_path: Path) -> None:
    for name, text in emitted(quadlet.EMITTER, greedy()).items():
        (tmp_path / Path(name).name).write_text(text)
    command = tools.quadlet(tmp_path)["web01-apache2.service"]
    assert "--security-opt no-new-privileges" in command.replace("=", " ")
    for word in ("--device", "--cap-add", "--privileged", "--sysctl", "seccomp", "--network host", "--network=host"):
        assert word not in command


@pytest.mark.engine
def test_docker_reads_nothing_of_it_from_the_compose_file(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(emitted(compose.EMITTER, greedy())["compose.yaml"])
    (service,) = tools.compose_config(tmp_path / "compose.yaml")["services"].values()
    assert not set(service) & FORBIDDEN
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert (service["pids_limit"], service["cpus"]) == (512, 1)


# What is allowed, and nothing else


def test_only_what_a_person_allowed_is_active() -> None:
    given = greedy(grant("capability", "CAP_NET_ADMIN"), grant("device", "/dev/net/tun"))
    assert composed(given)["cap_add"] == ["CAP_NET_ADMIN"]
    assert composed(given)["devices"] == ["/dev/net/tun:/dev/net/tun"]
    assert composed(given)["security_opt"] == ["no-new-privileges:true"]
    assert stacked(given)["cap_add"] == ["CAP_NET_ADMIN"]
    service, *jobs = sorted(pods(given), key=lambda spec: "restartPolicy" in spec)
    assert service["containers"][0]["securityContext"]["capabilities"] == {"add": ["NET_ADMIN"]}
    for each in jobs:
        assert "add" not in each["containers"][0]["securityContext"].get("capabilities", {})
    lines = unit(given)
    assert [line for line in lines if line.startswith("AddCapability")] == ["AddCapability=CAP_NET_ADMIN"]
    assert 'PodmanArgs="--device=/dev/net/tun"' in lines
    assert "NoNewPrivileges=true" in lines
    for text in (
        emitted(compose.EMITTER, given)["compose.yaml"],
        emitted(quadlet.EMITTER, given)["quadlet/web01-apache2.container"],
        emitted(manifests.EMITTER, given)["kubernetes/base/workload.yaml"],
    ):
        assert "# Allowed: CAP_NET_ADMIN, by ada on 2026-11-01 until 2026-12-31: for the VPN" in text


def test_allowed_gain_of_privileges_is_the_only_change() -> None:
    given = greedy(grant("privilege-gain", "setuid"))
    assert "security_opt" not in composed(given)
    assert not set(composed(given)) & FORBIDDEN
    service, *_ = sorted(pods(given), key=lambda spec: "restartPolicy" in spec)
    assert service["containers"][0]["securityContext"]["allowPrivilegeEscalation"] is True
    assert "NoNewPrivileges=true" not in unit(given)
    assert not [line for line in unit(given) if line.startswith(("AddCapability", "PodmanArgs=--device"))]


def test_an_expired_grant_grants_nothing() -> None:
    given = greedy(grant("capability", "CAP_NET_ADMIN", until=date(2026, 11, 30)))
    assert "cap_add" not in composed(given)
    text = emitted(readme.EMITTER, given)["README.md"]
    assert "| `capability CAP_NET_ADMIN` | `ada` | `for the VPN` | 2026-11-01 | 2026-11-30 | **expired** |" in text


def test_a_root_file_system_is_read_only_where_a_pilot_passed_with_it() -> None:
    given = greedy(read_only_root=True)
    paths = {"/run", "/run/apache2", "/tmp"}
    assert {each.partition(":")[0] for each in composed(given)["tmpfs"]} == paths
    assert "/run/apache2:uid=0,gid=0,mode=755" in composed(given)["tmpfs"]
    assert {each["target"] for each in stacked(given)["volumes"] if each["type"] == "tmpfs"} == {*paths, "/dev/shm"}
    for spec in pods(given):
        (container,) = spec["containers"]
        memory = {each["name"] for each in spec["volumes"] if each.get("emptyDir") == {"medium": "Memory"}}
        mounted = {each["mountPath"] for each in container["volumeMounts"] if each["name"] in memory}
        assert paths <= mounted
        assert paths <= {each["mountPath"] for each in spec["initContainers"][0]["volumeMounts"]}
    assert composed(given)["read_only"] is True
    assert stacked(given)["read_only"] is True
    assert "ReadOnly=true" in unit(given)
    service, *_ = sorted(pods(given), key=lambda spec: "restartPolicy" in spec)
    assert service["containers"][0]["securityContext"]["readOnlyRootFilesystem"] is True


# What a person reads


def uncommented(text: str) -> str:
    """The file after somebody made lines of the comments of a service that are not sentences."""
    sentence = ("Denied: ", "Observed: ", "Dangerous: ", "Allow it ", "Or remove ", "No pilot ", "Reserve ", "Add to ")
    lines = []
    for line in text.split("\n"):
        body = line.lstrip()
        indent = len(line) - len(body)
        if indent >= 4 and body.startswith("# ") and not body[2:].startswith((*sentence, "  rtprio")):
            line = " " * indent + body[2:]
        lines.append(line)
    return "\n".join(lines)


def test_the_commented_lines_grant_what_they_say() -> None:
    text = emitted(compose.EMITTER, greedy())["compose.yaml"]
    at = text.index("    security_opt:")
    end = text.index("    ulimits:")
    (service,) = yaml.safe_load(text[:at] + uncommented(text[at:end]) + text[end:])["services"].values()
    assert service["security_opt"] == ["no-new-privileges:true", "seccomp=./seccomp.json"]
    assert service["cap_add"] == sorted(CAPABILITIES, key=CAPABILITIES.index)
    assert service["devices"] == [f"{path}:{path}" for path in DEVICES[:-1]]
    assert service["sysctls"]["net.core.somaxconn"] == "1024"
    assert service["network_mode"] == "host"
    assert service["read_only"] is True


def test_each_need_is_listed_with_evidence_and_what_allows_it() -> None:
    text = emitted(readme.EMITTER, greedy())["README.md"]
    section = text.partition("## Decisions for a person")[2].partition("\n## ")[0]
    assert "- **dangerous:** `/dev/sda`. The container can read and write this device" in section
    assert "`assess build web01/apache2 --allow-device /dev/sda --reason WHY --until DATE`" in section
    assert "Observed: `it held it`." in section
    assert "- `/dev/net/tun`." in section
    assert "more, all in `decisions.json`" in section
    needs = [each.name for each in decisions_of(greedy()) if each.danger]
    assert len(needs) < MOST
    for name in needs:
        assert f"`{name}`" in section


def test_a_host_that_claims_ten_thousand_devices_fills_no_file() -> None:
    given = greedy()
    many = tuple(f"/dev/fake{number}" for number in range(10_000))
    full = replace(given, plan=replace(given.plan, devices=many))
    for emitter in (compose.EMITTER, swarm_stack.EMITTER, manifests.EMITTER, quadlet.EMITTER, readme.EMITTER):
        for path, text in emitted(emitter, full).items():
            assert len(text) < 100_000, path
    assert "9,950 more" in emitted(compose.EMITTER, full)["compose.yaml"]
    assert len(decisions_of(full)) > 10_000


def test_programs_read_the_same(tmp_path: Path) -> None:
    (decisions,) = (each for each in EMITTERS if each.name == "decisions")
    for path, text in emitted(decisions, greedy()).items():
        (tmp_path / path).write_text(text)
    assert load_decisions(tmp_path) == decisions_of(greedy())
    (tmp_path / "decisions.json").write_text('{"schema": "brownfield.decisions/9"}')
    assert load_decisions(tmp_path) == ()


# Hostile texts


def without_comments(given: Emission) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for emitter in (compose.EMITTER, swarm_stack.EMITTER, manifests.EMITTER):
        for path, text in emitted(emitter, given).items():
            found[path] = list(yaml.safe_load_all(text))
    found["unit"] = unit(given)
    return found


@settings(max_examples=25, deadline=None)
@given(TEXTS)
@example(HOSTILE)
@example("x\ncap_add:\n  - ALL\n")
@example("x # y: z\u202e\u2066 - a\u2028privileged: true")
@example("\\")
@example("é" * 4096)
def test_no_evidence_of_a_host_becomes_a_line(text: str) -> None:
    hostile, plain = greedy(text=text), greedy()
    assert without_comments(hostile) == without_comments(plain)
    for emitter in EMITTERS:
        for content in emitted(emitter, hostile).values():
            assert "\u202e" not in content and "\u2028" not in content


@settings(max_examples=25, deadline=None)
@given(TEXTS)
@example(HOSTILE)
@example("sda\nAddCapability=ALL")
@example("a" * 4096)
def test_no_name_of_a_device_becomes_a_line(text: str) -> None:
    given = greedy()
    hostile = replace(given, plan=replace(given.plan, devices=(*DEVICES, f"/dev/{text}")))
    assert without_comments(hostile) == without_comments(given)
