"""What the pilot asks of whatever runs containers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from inventory.errors import BrownfieldError
from inventory.transports.transport import Duplex

PILOT_LABEL = "brownfield.pilot"
"""Every container, network and volume of a pilot carries this label with the pilot's id."""


class RuntimeUnavailable(BrownfieldError):
    """No engine answers, or the one that was asked for does not; the sentence says how to start it."""


class RuntimeFailed(BrownfieldError):
    """The engine refused something; the sentence holds its own words."""


@dataclass(frozen=True, slots=True)
class Tmpfs:
    """An empty file system in memory at ``path``."""

    path: str
    uid: int = 0
    gid: int = 0
    mode: int = 0o755
    size_bytes: int = 64 << 20


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file that exists only in the container's memory (a secret)."""

    path: str
    content: bytes = field(repr=False)
    uid: int = 0
    gid: int = 0
    mode: int = 0o400


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """A named volume of the pilot at ``path``."""

    name: str
    path: str


@dataclass(frozen=True)
class ContainerSpec:
    """A container to start. ``name`` is unique within the pilot and resolvable on its network, as are ``aliases``.

    ``user`` is ``uid:gid``; ``limits`` are (name, soft, hard) ulimits such as ``nofile``; ``hosts`` (name, address)
    go to /etc/hosts.
    """

    name: str
    image: str
    arguments: Sequence[str]
    environment: Sequence[tuple[str, str]] = field(default=(), repr=False)
    user: str = "0:0"
    working_directory: str = "/"
    hostname: str = ""
    network: str = ""
    aliases: Sequence[str] = ()
    hosts: Sequence[tuple[str, str]] = ()
    tmpfs: Sequence[Tmpfs] = ()
    memory_files: Sequence[MemoryFile] = ()
    volumes: Sequence[VolumeMount] = ()
    capabilities: Sequence[str] = ()
    devices: Sequence[str] = ()
    limits: Sequence[tuple[str, int, int]] = ()
    shm_bytes: int = 64 << 20
    init: bool = False
    stop_signal: str = "SIGTERM"


@dataclass(frozen=True, slots=True)
class ContainerState:
    """``exit_code`` is None while it runs. ``error`` holds the engine's words when it could not be started."""

    running: bool
    exit_code: int | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ExecResult:
    """A command that ran inside a container."""

    exit_code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class ContainerProcess:
    """A process of a container as seen from the host: ``pid`` on the host, executable path within the container."""

    pid: int
    executable: str
    arguments: tuple[str, ...]
    uid: int


@dataclass(frozen=True, slots=True)
class StopResult:
    """How a container ended: ``seconds`` from the signal, ``killed`` when the grace ran out."""

    seconds: float
    exit_code: int
    killed: bool


class Runtime(Protocol):
    """One way to run containers. Everything made is labelled with the pilot's id; :meth:`remove_pilot` removes it
    all.
    """

    name: str

    def load(self, layout: Path, image: str) -> None:
        """Bring an OCI layout in under the name ``image``."""
        ...

    def create_network(self, pilot: str, name: str) -> None:
        """A private network without a way out to anything but the containers on it."""
        ...

    def create_volume(self, pilot: str, name: str, uid: int, gid: int, mode: int) -> None:
        """An empty volume whose root has this owner and mode."""
        ...

    def fill_volume(self, name: str, tar: Path | None, stream: object | None = None) -> None:
        """Unpack an uncompressed tar (numeric owners, paths relative to the volume) into a volume."""
        ...

    def start(self, pilot: str, spec: ContainerSpec) -> str:
        """Create and start; returns the container's id. Raises RuntimeFailed."""
        ...

    def state(self, container: str) -> ContainerState:
        """Whether it runs."""
        ...

    def execute(
        self, container: str, arguments: Sequence[str], *, user: str = "0:0", stdin: bytes = b"", timeout: float = 60.0
    ) -> ExecResult:
        """Run a command inside."""
        ...

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """Its processes."""
        ...

    def listeners(self, container: str) -> tuple[tuple[str, str, int], ...]:
        """(protocol, address, port) bound inside its network namespace, read from /proc/PID/net on this machine."""
        ...

    def logs(self, container: str, *, limit: int = 65536) -> bytes:
        """The last bytes it wrote to its output."""
        ...

    def dial(self, container: str, port: int, *, address: str = "", timeout: float = 5.0) -> Duplex:
        """Connect to a port inside: by its network address, or ``address`` (127.0.0.1) within its network namespace."""
        ...

    def stop(self, container: str, *, grace: float = 10.0) -> StopResult:
        """Send the stop signal, wait, kill after ``grace`` seconds."""
        ...

    def restart(self, container: str) -> None:
        """Stop and start the same container again."""
        ...

    def remove_pilot(self, pilot: str) -> None:
        """Remove every container, network and volume with this label. Safe to call twice, and after a crash."""
        ...
