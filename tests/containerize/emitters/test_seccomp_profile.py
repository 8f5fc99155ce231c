"""The profile is Docker's default and what was seen, and Docker takes it as it is."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.emitters import seccomp_profile
from containerize.runtimes.default_seccomp import DEFAULT_CAPABILITIES, seccomp_filter
from tests.containerize.runtimes.test_default_seccomp import rules

from .cases import HOSTILE, emission, emitted, hostile_emission

NAME = "brownfield-test-seccomp-profile"


def busybox_files() -> dict[str, bytes]:
    """busybox of this machine with the libraries that it needs, by path within an image."""
    program = shutil.which("busybox")
    if program is None:
        pytest.skip("no busybox")
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    paths = {word.lstrip("/"): Path(word) for word in listed.split() if word.startswith("/")}
    return {name: path.read_bytes() for name, path in {"bin/busybox": Path(program), **paths}.items()}


def test_it_is_the_default_and_what_was_seen() -> None:
    profile = json.loads(emitted(seccomp_profile.EMITTER, emission())["seccomp.json"])
    default = rules(seccomp_filter((*DEFAULT_CAPABILITIES, "CAP_NET_ADMIN"), "x86_64"))
    assert rules(profile) - default == {("io_uring_setup", "SCMP_ACT_ALLOW", "[]")}
    assert default <= rules(profile)


def test_it_is_not_written_where_the_default_will_do() -> None:
    assert seccomp_profile.EMITTER.fits(emission())
    assert not seccomp_profile.EMITTER.fits(replace(emission(), seen=replace(emission().seen, system_calls=())))


def test_a_reason_from_a_host_is_text() -> None:
    profile = json.loads(emitted(seccomp_profile.EMITTER, hostile_emission())["seccomp.json"])
    assert profile["syscalls"][-1]["comment"] == f"web01/{HOSTILE}: {HOSTILE}"


@pytest.mark.engine
def test_docker_gives_a_container_exactly_this_profile(tmp_path: Path) -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "version"], capture_output=True).returncode:
        pytest.skip("no Docker engine")
    text = emitted(seccomp_profile.EMITTER, emission())["seccomp.json"]
    (tmp_path / "seccomp.json").write_text(text)
    # busybox alone; nothing has to run for long.
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as archive:
        for path, content in busybox_files().items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    image = f"{NAME}:test"
    subprocess.run(["docker", "import", "-", image], input=tree.getvalue(), capture_output=True, check=True)
    container = ""
    try:
        option = f"seccomp={tmp_path / 'seccomp.json'}"
        run = [
            "docker",
            "run",
            "-d",
            "--cap-add",
            "NET_ADMIN",
            "--security-opt",
            option,
            image,
            "/bin/busybox",
            "sleep",
            "60",
        ]
        done = subprocess.run(run, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        container = done.stdout.strip()
        found = [
            path
            for place in ("/run/docker/containerd/daemon", "/run/containerd", "/var/run/docker/containerd/daemon")
            for path in Path(place).glob(f"io.containerd.runtime.v2.task/moby/{container}/config.json")
        ]
        if not found:
            pytest.skip("this Docker keeps its configurations elsewhere")
        assert rules(json.loads(found[0].read_text())["linux"]["seccomp"]) == rules(json.loads(text))
    finally:
        if container:
            subprocess.run(["docker", "rm", "-f", container], capture_output=True)
        subprocess.run(["docker", "image", "rm", "-f", image], capture_output=True)
