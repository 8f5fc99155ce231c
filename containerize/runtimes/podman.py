"""Podman, over its Docker-compatible socket, which is served temporarily if necessary.

Its containers run in the network namespaces that we make ourselves: on a machine with Docker too, Docker's firewall
rules drop what passes over Podman's bridges.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from containerize.runtimes.allowed_destinations import AllowedDestinations
from containerize.runtimes.docker import open_client
from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.init_program import INIT_IN_CONTAINER, NO_INIT, find_init
from containerize.runtimes.network_namespaces import PilotNetwork
from containerize.runtimes.pilot_memory import PilotMemory
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.pilot_storage import PilotStorage, room
from containerize.runtimes.runtime import ContainerSpec, NetworkSpec, RuntimeFailed, RuntimeUnavailable
from containerize.sandbox.removal import remove_tree

if TYPE_CHECKING:
    from docker import DockerClient

DEFAULT_SOCKET = Path("/run/podman/podman.sock")
_SERVICE_SECONDS = 20.0
_PLACE = "brownfield-podman-"
"""Begins the name of the directory of our own service's socket; the number of our process follows."""


def connect_podman() -> PodmanRuntime:
    """The running Podman service, or one of our own; raises RuntimeUnavailable."""
    if shutil.which("podman") is None:
        raise RuntimeUnavailable("Podman is not installed here; install it, or choose another runtime with --runtime")
    if os.geteuid() != 0:
        raise RuntimeUnavailable(
            "a pilot on Podman needs root; run the same command with sudo, or use --runtime docker"
        )
    _remove_stale_sockets()
    needs_runc = _crun_refuses()
    if DEFAULT_SOCKET.exists() and not needs_runc:
        with suppress(RuntimeUnavailable):
            return PodmanRuntime(open_client(f"unix://{DEFAULT_SOCKET}")[0], None)
    return _serve("runc" if needs_runc else "")


def _remove_stale_sockets() -> None:
    """Those of runs that were killed. Their service ends by itself when idle."""
    for place in Path("/run").glob(f"{_PLACE}*"):
        if not Path(f"/proc/{place.name.removeprefix(_PLACE)}").exists():
            shutil.rmtree(place, ignore_errors=True)


def _crun_refuses() -> bool:
    """Whether crun cannot start anything here: with hybrid control groups. runc can."""
    unified = Path("/sys/fs/cgroup/cgroup.controllers").exists()
    return not unified and shutil.which("runc") is not None


def _serve(program: str) -> PodmanRuntime:
    place = Path(f"/run/{_PLACE}{os.getpid()}")
    place.mkdir(mode=0o700, exist_ok=True)
    path = place / "podman.sock"
    path.unlink(missing_ok=True)
    # It ends by itself when it was idle for long: if we are killed, nothing else would end it.
    command = ["podman", *(["--runtime", program] if program else []), "system", "service", "--time", "900"]
    service = subprocess.Popen(
        [*command, f"unix://{path}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=place,  # conmon writes a file named oom where it was started
    )
    deadline = time.monotonic() + _SERVICE_SECONDS
    while not path.exists():
        if service.poll() is not None or time.monotonic() > deadline:
            service.kill()
            words = service.stderr.read(500).decode("utf-8", "replace").strip() if service.stderr else ""
            shutil.rmtree(place, ignore_errors=True)
            raise RuntimeUnavailable(f"Podman's API service did not start ({words or 'no output'})")
        time.sleep(0.05)
    return PodmanRuntime(open_client(f"unix://{path}")[0], service)


class PodmanRuntime(EngineRuntime):
    """Podman as root."""

    name = "podman"
    _log_driver = "k8s-file"
    _log_options = {"max-size": "10m"}  # noqa: RUF012 - never changed

    def __init__(self, client: DockerClient, service: subprocess.Popen[bytes] | None) -> None:
        super().__init__(client)
        self._service = service
        self._nodes: dict[str, int] = {}
        self._init: list[str] = []
        self._ways = AllowedDestinations()

    def create_network(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See Runtime."""
        PilotMemory(pilot, self.name).prepare()  # so that a later run finds what is left of this one
        PilotNetwork(pilot).create(network)
        self._nodes = {node.name: index for index, node in enumerate(network.nodes)}
        return network

    def _connect(self, pilot: PilotId, spec: ContainerSpec) -> str:
        if not spec.node:
            return "none"
        if spec.node not in self._nodes:
            raise RuntimeFailed(f"{spec.node} is not on the pilot's network")
        return f"ns:{PilotNetwork(pilot).namespace(self._nodes[spec.node])}"

    def _created(self, pilot: PilotId, spec: ContainerSpec, container: str) -> None:
        for address, port in spec.destinations if spec.node else ():
            self._ways.open(PilotNetwork(pilot).namespace(self._nodes[spec.node]), address, port)

    def _memory_directories(self, pilot: PilotId, spec: ContainerSpec) -> tuple[dict[str, str], list[str]]:
        """Podman gives a tmpfs no owner, so directories of the pilot's own tmpfs are mounted instead."""
        binds = []
        for number, each in enumerate(spec.tmpfs):
            path = PilotMemory(pilot, self.name).directory("tmpfs", spec.name) / str(number)
            path.mkdir(mode=0o700, exist_ok=True)
            remove_tree(path, keep=True)  # a container of this name may have been removed
            os.chown(path, each.uid, each.gid)
            path.chmod(each.mode)
            binds.append(f"{path}:{each.path}:rw")
        return {}, binds

    # Podman gives a volume the owner of the image's directory when it is first mounted, so these are directories.

    def create_volume(self, pilot: PilotId, name: str, uid: int, gid: int, mode: int) -> None:
        """See Runtime."""
        PilotStorage(pilot, self.name).create_volume(name, uid, gid, mode)

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO, *, most: int | None = None) -> Mapping[str, int]:
        """See Runtime."""
        return PilotStorage(pilot, self.name).fill_volume(name, tar, most)

    def room(self) -> int:
        """See Runtime."""
        return room()

    def _volume_bind(self, pilot: PilotId, name: str, path: str) -> str:
        return f"{PilotStorage(pilot, self.name).volume(name)}:{path}:rw"

    def start(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See Runtime. Podman brings no PID 1 unless catatonit is installed, so we do."""
        if spec.init:
            program = find_init()
            if program is None:
                self.notes.append(NO_INIT.format(name=spec.name))
                spec = replace(spec, init=False)
            else:
                arguments = (INIT_IN_CONTAINER, "--", *spec.arguments)
                spec = replace(spec, init=False, arguments=arguments)
                self._init = [f"{program}:{INIT_IN_CONTAINER}:ro"]
        try:
            return super().start(pilot, spec)
        finally:
            self._init = []

    def _binds(self, pilot: PilotId, spec: ContainerSpec) -> list[str]:
        return [*super()._binds(pilot, spec), *self._init]

    def restart(self, container: str) -> None:
        """See Runtime. Stops it first, so that its memory directories can be emptied."""
        if self.state(container).running:
            self.stop(container)
        for bind in self._inspect(container)["HostConfig"].get("Binds") or []:
            source = Path(str(bind).split(":")[0])
            if source.is_relative_to("/dev/shm") and source.parent.parent.name == "tmpfs":  # noqa: S108
                remove_tree(source, keep=True)
        super().restart(container)

    def _remove_network(self, pilot: PilotId) -> None:
        self._ways.close()
        PilotNetwork(pilot).remove()
        PilotStorage(pilot, self.name).remove()

    def close(self) -> None:
        """Ends the API service where it is ours."""
        super().close()
        if self._service is not None:
            self._service.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._service.wait(10)
            if self._service.stderr is not None:
                self._service.stderr.close()
            shutil.rmtree(Path(f"/run/{_PLACE}{os.getpid()}"), ignore_errors=True)
            self._service = None
