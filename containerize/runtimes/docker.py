"""Docker Engine, over its local socket."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Sequence
from contextlib import suppress
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from containerize.runtimes.docker_networks import EngineNetworks, HeldNetworks, NodeNetworks
from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.engine_store import refusals
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.pilot_memory import PilotMemory
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerProcess, ContainerSpec, NetworkSpec, RuntimeUnavailable

if TYPE_CHECKING:
    from docker import DockerClient

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
_START_IT = "start it (systemctl start docker), or choose another runtime with --runtime"


def connect_docker() -> DockerRuntime:
    """The engine that DOCKER_HOST names, or the usual socket; raises RuntimeUnavailable."""
    address = os.environ.get("DOCKER_HOST") or DEFAULT_SOCKET
    if not address.startswith("unix://"):
        raise RuntimeUnavailable(
            f"the Docker engine of DOCKER_HOST={address} is on another machine; a pilot needs one on this machine"
        )
    path = Path(address.removeprefix("unix://"))
    if not path.exists():
        raise RuntimeUnavailable(f"no Docker engine runs here ({path} is missing); {_START_IT}")
    if not os.access(path, os.R_OK | os.W_OK):
        raise RuntimeUnavailable(f"this user may not use Docker ({path}); run as root or as a member of group docker")
    client, engine = open_client(address)
    if engine != "Engine":
        client.close()
        raise RuntimeUnavailable(f"{path} belongs to {engine}, not to Docker; use --runtime podman")
    return DockerRuntime(client)


def open_client(address: str) -> tuple[DockerClient, str]:
    """A client that got an answer, and the name of the engine that gave it; raises RuntimeUnavailable."""
    import docker
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        client = docker.DockerClient(base_url=address, version="auto", timeout=300)
        components = client.version().get("Components") or [{}]
    except (DockerException, RequestException) as error:
        raise RuntimeUnavailable(f"the engine at {address} does not answer ({_words(error)}); {_START_IT}") from None
    return client, str(components[0].get("Name", "Engine"))


def _words(error: BaseException) -> str:
    """The system's own words where there are any: the SDK wraps them in several layers."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = next((each for each in inner.args if isinstance(each, BaseException)), None) or inner.__context__
    return " ".join(str(error).split())[:200]


class DockerRuntime(EngineRuntime):
    """Docker Engine. ``as_root`` False networks as a member of group docker has to (see docker_networks)."""

    name = "docker"

    def __init__(self, client: DockerClient, *, as_root: bool | None = None) -> None:
        super().__init__(client)
        self.reads_zstd = reads_zstd(str(client.version().get("Version", "")))
        own = (os.geteuid() == 0 and shutil.which("ip") is not None) if as_root is None else as_root
        self._networks: NodeNetworks = HeldNetworks(self) if own else EngineNetworks(self)

    def _present(self, layout: ImageLayout) -> int:
        """As many as some image of the engine has at its bottom."""
        from docker.errors import NotFound

        with refusals("the images of the engine could not be listed"):
            # The store of containerd names layers by their compressed bytes, and takes no archive without them.
            if any("containerd" in str(value) for _, value in self.api.info().get("DriverStatus") or []):
                return 0
            stacks = []
            for identity in self.api.images(quiet=True):
                with suppress(NotFound):  # removed meanwhile
                    stacks.append(self.api.inspect_image(identity)["RootFS"].get("Layers") or [])
        return max((common_bottom(layout.diff_ids(), stack) for stack in stacks), default=0)

    def create_network(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See Runtime."""
        PilotMemory(pilot, self.name).prepare()  # so that a later run finds what is left of this one
        return self._networks.create(pilot, network)

    def _connect(self, pilot: PilotId, spec: ContainerSpec) -> str:
        return self._networks.mode(pilot, spec) if spec.node else "none"

    def _configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        return self._networks.configuration(pilot, spec) if spec.node else None

    def _dropped(self, spec: ContainerSpec) -> list[str]:
        return self._networks.dropped(spec) if spec.node else []

    def _created(self, pilot: PilotId, spec: ContainerSpec, container: str) -> None:
        if spec.node:
            self._networks.created(spec, container)
            self._networks.open_ways(pilot, spec)

    def _remove_network(self, pilot: PilotId) -> None:
        self._networks.remove(pilot)

    def remove(self, container: str) -> None:
        """See Runtime."""
        super().remove(container)
        self._networks.removed(container)

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """See Runtime."""
        return super().processes(container) or self._processes_of_others(container)

    def _processes_of_others(self, container: str) -> tuple[ContainerProcess, ...]:
        """Without root: the engine's own list. It does not say which programs run, and nothing of the image is asked:
        a shell in there says what the image's maker intends.
        """
        if not self.pid(container):
            return ()
        with refusals(f"the processes of {container} could not be listed"):
            table = self.api.top(container, ps_args="-eo pid,uid,args")
        rows = [row for row in table.get("Processes") or [] if len(row) >= 3 and row[0].isdigit()]
        return tuple(
            ContainerProcess(int(pid), "", tuple(arguments.split()), int(uid) if uid.isdigit() else -1)
            for pid, uid, arguments in (row[:3] for row in rows)
        )

    def _dial(self, container: str, pid: int, port: int, address: str, timeout: float) -> socket.socket:
        """Without root we cannot go in ourselves."""
        with refusals(f"{container} could not be asked"):
            reached = self._networks.dial(container, address, port, timeout)
        return reached or super()._dial(container, pid, port, address, timeout)

    def _resolvers(self, spec: ContainerSpec, mode: str) -> list[str]:
        return self._networks.resolvers() if spec.node and not mode.startswith("container:") else []


def common_bottom(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """The number of layers that two stacks share from the bottom."""
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(ours, theirs, strict=False))))


def reads_zstd(version: str) -> bool:
    """Whether ``docker load`` of this version takes zstd layers: since 23.0; 20.10 says "invalid tar header"."""
    major = version.partition(".")[0]
    return not major.isdigit() or int(major) >= 23
