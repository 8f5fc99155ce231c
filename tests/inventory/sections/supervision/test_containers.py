"""Containers that run already are found in the files of their engines, and nothing secret of them is kept."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.containers import Container, ContainerMount, Containers, PublishedPort
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.supervision.containers import SECTION, containers_by_id, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer, recorded

SECRET = b"Hunter2Horse"


def containers(recording: SectionRecording) -> dict[str, Container]:
    value = found(SECTION, recording)
    assert isinstance(value, Containers)
    return {container.name: container for container in value.containers}


def test_a_container_of_docker_has_image_state_ports_and_mounts() -> None:
    container = containers(recorded("containers01", "containers"))["bf-sec-c1"]

    assert (container.engine, container.image, container.state) == ("docker", "bf-plain:bookworm", "running")
    assert container.pid > 1
    assert container.ports == (PublishedPort("tcp", "127.0.0.1", 9311, 80),)
    assert set(container.mounts) == {
        ContainerMount("bf-sec-vol", "/data", False), ContainerMount("/etc/hostname", "/h", True),
    }  # fmt: skip
    assert container.memory_bytes == 64 << 20
    assert container.labels == (("com.docker.compose.project", "parts"),)
    assert (container.network, container.privileged) == ("bridge", False)


def test_a_container_that_never_ran_is_there() -> None:
    assert containers(recorded("containers01", "containers"))["bf-sec-c2"].state == "exited"


def test_a_container_of_podman_has_name_process_and_mounts() -> None:
    container = containers(recorded("containers01", "containers"))["bf-sec-p1"]

    assert (container.engine, container.image[:8]) == ("podman", "1d067545")
    assert container.pid > 1
    assert ContainerMount("/srv", "/srv", True) in container.mounts
    assert not [mount for mount in container.mounts if "userdata" in mount.source], "the engine's own plumbing"


def test_an_ordinary_user_sees_engines_and_that_containers_are_hidden() -> None:
    observation = SECTION.observe(recorded("containers01-user", "containers"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert "docker" in {engine.name for engine in observation.value.engines}
    assert [gap.what for gap in observation.gaps] == ["containers"]


def test_a_host_without_any_is_absent() -> None:
    assert isinstance(SECTION.observe(answer("containers", engines=b""), Platform.POSIX), Absent)


def test_of_a_file_only_what_is_known_is_kept() -> None:
    """The environment, the command and unknown labels of a container are not."""
    content = {
        "ID": "a" * 64,
        "Name": "/shop",
        "Args": ["--password", SECRET.decode()],
        "Config": {"Env": [f"X={SECRET.decode()}"], "Image": "shop:1", "Labels": {"note": SECRET.decode()}},
    }
    path = b"/var/lib/docker/containers/" + b"a" * 64
    lxc = b"/var/lib/lxc/old/config:lxc.utsname = old\n/var/lib/lxc/old/config:lxc.environment = P=" + SECRET
    domain = (
        b"\n/etc/libvirt/qemu/vm.xml:<domain type='kvm'>\n/etc/libvirt/qemu/vm.xml:  <name>vm</name>"
        b"\n/etc/libvirt/qemu/vm.xml:  <memory unit='KiB'>1024</memory>"
        b"\n/etc/libvirt/qemu/vm.xml:  <graphics type='vnc' passwd='" + SECRET + b"'/>"
    )
    recording = answer(
        "containers",
        engines=b"/run/docker.sock\n",
        files=path + b"/config.v2.json:" + json.dumps(content).encode() + b"\n"
        + path + b"/checkpoint.json:" + SECRET + b"\n" + path + b"/hostconfig.json:{not json " + SECRET + b"\n",
        machines=lxc + domain + b"\n/var/lib/lxc/old/fstab:" + SECRET + b"\n",
    )  # fmt: skip
    redacted = SECTION.redact(recording, REDACTOR)

    assert SECRET not in redacted.to_text()
    assert SECTION.redact(redacted, REDACTOR) == redacted
    known = containers(redacted)
    assert {name: each.engine for name, each in known.items()} == {"shop": "docker", "old": "lxc", "vm": "libvirt"}
    assert known["vm"].memory_bytes == 1 << 20


def test_containers_of_kubernetes_are_named_by_their_annotations() -> None:
    spec = {"annotations": {"io.kubernetes.cri.container-name": "web", "io.kubernetes.cri.image-name": "r/web:2",
                            "io.kubernetes.cri.sandbox-namespace": "shop"}}  # fmt: skip
    path = f"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{'c' * 64}/config.json"
    redacted = SECTION.redact(
        answer(
            "containers",
            engines=b"/run/containerd/containerd.sock\n",
            files=f"{path}:{json.dumps(spec)}\n".encode(),
            names=b"/var/lib/lxd/containers/old-mail\n/var/lib/machines/.raw\n",
        ),
        REDACTOR,
    )
    known = containers(redacted)

    assert (known["web"].engine, known["web"].image, known["web"].state) == ("containerd", "r/web:2", "running")
    assert known["old-mail"].engine == "lxd"
    assert containers_by_id(found(SECTION, redacted))["c" * 64] == known["web"]


@given(
    st.sampled_from(["engines", "files", "machines", "names"]),
    st.one_of(
        st.binary(max_size=60),
        st.text('{}[]":,\n/ab', max_size=40).map(lambda text: f"/x/{'a' * 64}/config.v2.json:{text}\n".encode()),
        st.recursive(
            st.none() | st.booleans() | st.text(max_size=4),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                st.sampled_from(["State", "Config", "Labels", "names", "mounts", "metadata", "id", "Ports", "80/tcp",
                                 "NetworkSettings", "annotations", "ID", "Name"]), inner, max_size=4),
        ).flatmap(lambda value: st.sampled_from(["config.v2.json", "containers.json", "config.json"]).map(
            lambda name: f"/x/userdata/{name}:{json.dumps(value)}\n".encode())),
    ),
)  # fmt: skip
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(SECTION.redact(answer("containers", **({"engines": b""} | {name: content})), REDACTOR))
    except ParseError as error:
        assert str(error)


@pytest.mark.engine
def test_a_running_engine_says_the_same() -> None:
    """``docker ps`` is the witness; it is asked here, never on a host."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not installed")
    done = subprocess.run(
        ["docker", "ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.State}}"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip("no daemon answers")
    observation = SECTION.observe(ask(SECTION)["containers"], Platform.POSIX)
    assert isinstance(observation, Found)
    ours = {each.id: each for each in observation.value.containers if each.engine == "docker"}

    for ident, name, state in (line.split() for line in done.stdout.splitlines()):
        if ident in ours:  # others come and go meanwhile
            assert (ours[ident].name, ours[ident].state == "running") == (name, state == "running")
