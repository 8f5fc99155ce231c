"""The filter of the embedded runtime is Docker's own."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from containerize.runtimes.default_seccomp import DEFAULT_CAPABILITIES, seccomp_filter
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, RuntimeUnavailable
from tests.containerize.runtimes.small_image import write_layout


def rules(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """(system call, action, arguments) of a filter, whatever its grouping."""
    found = set()
    for rule in document["syscalls"]:
        arguments = [
            (argument["index"], argument["value"], argument.get("valueTwo", 0), argument["op"])
            for argument in rule.get("args") or ()
        ]
        found |= {(name, rule["action"], str(arguments)) for name in rule["names"]}
    return found


def allowed(capabilities: tuple[str, ...], machine: str = "x86_64") -> set[str]:
    return {name for name, action, _ in rules(seccomp_filter(capabilities, machine)) if action == "SCMP_ACT_ALLOW"}


def test_namespaces_need_sys_admin() -> None:
    assert not {"mount", "unshare", "setns"} & allowed(DEFAULT_CAPABILITIES)
    assert {"mount", "unshare", "setns", "clone3"} <= allowed((*DEFAULT_CAPABILITIES, "CAP_SYS_ADMIN"))


def test_clone3_is_not_there_so_that_the_c_library_uses_clone() -> None:
    rule = next(each for each in seccomp_filter(DEFAULT_CAPABILITIES)["syscalls"] if each["names"] == ["clone3"])
    assert (rule["action"], rule["errnoRet"]) == ("SCMP_ACT_ERRNO", 38)


def test_an_unknown_machine_gets_a_filter_for_its_own_architecture() -> None:
    assert seccomp_filter(DEFAULT_CAPABILITIES, "loongarch64")["architectures"] == []
    assert "SCMP_ARCH_X86" in seccomp_filter(DEFAULT_CAPABILITIES, "x86_64")["architectures"]


MEASURED = "26."
"""Each version of Docker allows some more of the newer system calls; ours is the profile of this one."""


def docker_version() -> str:
    """What the engine calls itself; "" when the client is not there."""
    if shutil.which("docker") is None:
        return ""
    asked = ["docker", "version", "--format", "{{.Server.Version}}"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


@pytest.mark.engine
@pytest.mark.skipif(platform.machine() != "x86_64", reason="the data of other machines was not measured")
@pytest.mark.parametrize("added", [(), ("SYS_ADMIN",), ("SYS_PTRACE", "SYS_NICE")])
def test_it_is_what_docker_writes_for_its_containers(added: tuple[str, ...], tmp_path: Path) -> None:
    """Docker's containerd keeps the configuration of running containers where root may read it."""
    from containerize.runtimes.docker import connect_docker

    try:
        runtime = connect_docker()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    version = docker_version()
    if not version.startswith(MEASURED):
        runtime.close()
        pytest.skip(f"the profile is that of Docker {MEASURED}, and here is {version}")
    pilot = PilotId.new()
    try:
        runtime.load(pilot, write_layout(tmp_path), "small")
        container = runtime.start(pilot, ContainerSpec("a", "small", ("/bin/sleep", "60"), capabilities=added))
        found = [
            path
            for place in ("/run/docker/containerd/daemon", "/run/containerd")
            for path in Path(place).glob(f"io.containerd.runtime.v2.task/moby/{container}/config.json")
        ]
        if not found:
            pytest.skip("this Docker keeps its configurations elsewhere")
        written = json.loads(found[0].read_text())
        capabilities = tuple(written["process"]["capabilities"]["bounding"])
        assert set(capabilities) == {*DEFAULT_CAPABILITIES, *(f"CAP_{name}" for name in added)}
        assert rules(seccomp_filter(capabilities)) == rules(written["linux"]["seccomp"])
    finally:
        runtime.remove_pilot(pilot)
        runtime.close()
