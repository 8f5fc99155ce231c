"""Pods of emitted manifests, run for real: ``podman kube play`` in a storage of the test's own.

Podman plays no StatefulSet, so its pod is played, as it stands but for one thing: Podman gives each container a
memory volume of its own, where Kubernetes gives the pod one. What the init container puts there would not arrive.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.containerize.emitters.tools import kustomize


@dataclass(frozen=True)
class Podman:
    """Podman with images, volumes and secrets below ``place``."""

    place: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """A command of Podman, whatever becomes of it."""
        # Control groups of the hybrid kind are too much for crun.
        unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
        runtime = () if unified or shutil.which("runc") is None else ("--runtime", "runc")
        own = [f"--{name}={self.place / name}" for name in ("root", "runroot", "tmpdir")]
        environment = {**os.environ, "PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}
        command = ["podman", *own, *runtime, *arguments]
        return subprocess.run(command, input=stdin, capture_output=True, check=False, env=environment)

    def done(self, *arguments: str, stdin: bytes = b"") -> str:
        """What a command that must succeed prints."""
        run = self.run(*arguments, stdin=stdin)
        assert run.returncode == 0, run.stderr.decode()
        return run.stdout.decode()

    def load(self, build: Path, image: str) -> None:
        """Take the image of a build, under the name that its manifests have for it."""
        self.done("tag", self.done("pull", "-q", f"oci:{build / 'image'}").strip(), image)


@contextmanager
def podman(place: Path) -> Iterator[Podman]:
    """A storage that is gone afterwards, with all that runs from it."""
    if shutil.which("podman") is None or os.geteuid() != 0:
        pytest.skip("needs Podman and root")
    engine = Podman(place)
    try:
        yield engine
    finally:
        engine.run("pod", "rm", "--all", "--force", "--time", "0")
        engine.run("rm", "--all", "--force", "--time", "0")
        engine.run("volume", "rm", "--all", "--force")
        engine.run("unmount", "--all", "--force")
        # The mount of the storage itself stays, and would keep its folder.
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(f"{place}/"):
                subprocess.run(["umount", line.split()[1]], check=False)
        shutil.rmtree(place)


def pod_of(build: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The pod of the workload as ``overlays/site`` says, and the claims that it mounts."""
    objects = kustomize(build / "kubernetes" / "overlays" / "site")
    (workload,) = (each for each in objects if each["kind"] in ("StatefulSet", "Deployment"))
    template = workload["spec"]["template"]
    for volume in template["spec"]["volumes"]:
        if volume["name"] == "secrets-placed":
            assert volume["emptyDir"] == {"medium": "Memory"}
            volume["emptyDir"] = {}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": workload["metadata"]["name"], **template["metadata"]},
        "spec": template["spec"],
    }
    return pod, [each for each in objects if each["kind"] == "PersistentVolumeClaim"]


def secret(name: str, data: Mapping[str, bytes]) -> dict[str, Any]:
    """A Secret as a site makes it."""
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": encoded}


@contextmanager
def played(engine: Podman, *objects: Mapping[str, Any]) -> Iterator[subprocess.CompletedProcess[bytes]]:
    """The objects, for the length of a block; without a network. Says what came of it."""
    text = yaml.safe_dump_all(objects).encode()
    try:
        yield engine.run("kube", "play", "--network", "none", "-", stdin=text)
    finally:
        engine.run("kube", "down", "--force", "-", stdin=text)
