"""The interface of a container runtime as pilots use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from containerize.runtimes.pilot_owner import PilotId
from inventory.errors import BrownfieldError
from inventory.transports.transport import Duplex

PILOT_LABEL = "brownfield.pilot"
"""Every container, network and volume of a pilot carries this label with the pilot's id."""

OWNER_LABEL = "brownfield.owner"
"""And this one with the process that made it, so that a later run can remove what a killed one left behind."""


class RuntimeUnavailable(BrownfieldError):
    """No engine answers, or the one that was asked for does not; the sentence says how to start it."""


class RuntimeFailed(BrownfieldError):
    """The engine refused something; the sentence holds its own words."""


@dataclass(frozen=True, slots=True)
class NetworkNode:
    """One machine of the pilot's network.

    Containers on one node share its addresses, its loopback and its ports, as the services of one legacy host did.
    ``address`` lies in the pilot's own subnet; ``legacy_addresses`` are those that the host really has, so that an
    address written in a configuration leads to the copy.
    """

    name: str
    address: str
    legacy_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """The private network of a pilot. It has no way out: a copy must never reach the live estate or send real mail.

    ``subnet`` is the pilot's own (``10.213.7.0/24``); its first address is this machine's end.
    """

    subnet: str
    nodes: tuple[NetworkNode, ...]


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
    """A file that exists only in memory (a secret). It is mounted read-only."""

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
    """A container to start. ``name`` is unique within the pilot.

    ``user`` is ``uid:gid`` and ``groups`` are the supplementary ones; ``limits`` are (name, soft, hard) ulimits such
    as ``nofile``; ``hosts`` (name, address) is the whole of /etc/hosts but for localhost; ``node`` names the machine of
    the pilot's network it runs on, "" gives it a loopback and nothing else. ``capabilities`` and ``devices`` are what
    a person allowed beyond the engine's defaults. ``memory_bytes`` counts memory and swap together, ``pids`` processes
    and threads, ``cpus`` processors; 0 is unlimited. With ``no_new_privileges`` setuid programs and file capabilities
    have no effect. ``destinations`` are (address, port) outside that its node may connect to; none without a node.
    """

    name: str
    image: str
    arguments: Sequence[str]
    environment: Sequence[tuple[str, str]] = field(default=(), repr=False)
    user: str = "0:0"
    groups: Sequence[int] = ()
    working_directory: str = "/"
    hostname: str = ""
    node: str = ""
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
    memory_bytes: int = 0
    pids: int = 0
    cpus: float = 0.0
    no_new_privileges: bool = True
    read_only_root: bool = False
    destinations: Sequence[tuple[str, int]] = ()


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
    """A process of a container: ``pid`` as this machine numbers it, executable path and uid within the container.

    ``executable`` is "" when this user may not see it.
    """

    pid: int
    executable: str
    arguments: tuple[str, ...]
    uid: int


@dataclass(frozen=True, slots=True)
class StopResult:
    """The end of a container: ``seconds`` from the signal, ``killed`` when the grace period ran out."""

    seconds: float
    exit_code: int
    killed: bool


@dataclass(frozen=True, slots=True)
class ContainerPressure:
    """Limits that a container ran into: processes killed for memory, starts of processes and threads that were refused,
    and the share of time slices in which it had to wait for the processor.
    """

    oom_kills: int = 0
    refused_starts: int = 0
    throttled: float = 0.0

    def with_(self, other: ContainerPressure) -> ContainerPressure:
        """The higher of each: a group that is gone says nothing any more."""
        return ContainerPressure(
            max(self.oom_kills, other.oom_kills),
            max(self.refused_starts, other.refused_starts),
            max(self.throttled, other.throttled),
        )


NO_PRESSURE = ContainerPressure()


class Runtime(Protocol):
    """One way to run containers. Everything made is labelled with the pilot's id; :meth:`remove_pilot` removes it
    all. Every method raises RuntimeFailed when the engine rejects.
    """

    name: str

    notes: list[str]
    """What could not be done as it was asked, in sentences for the report (an address that is taken, a limit)."""

    def load(self, pilot: PilotId, layout: Path, image: str) -> None:
        """Bring an OCI layout in under the name ``image``; it is removed with the pilot."""
        ...

    def read_image(self, pilot: PilotId, image: str, path: str) -> bytes | None:
        """A small file of a loaded image; None when there is none."""
        ...

    def create_network(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """The private network, one for each pilot. Returned as it was made: a legacy address that could not be given
        is missing, and ``notes`` says why.
        """
        ...

    def create_volume(self, pilot: PilotId, name: str, uid: int, gid: int, mode: int) -> None:
        """An empty volume whose root has this owner and mode."""
        ...

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO, *, most: int | None = None) -> Mapping[str, int]:
        """Unpack an uncompressed tar (paths relative to the volume, owners as numbers) into a volume. The tar is
        hostile: it is read strictly, and is refused when its files need more than ``most`` bytes or :meth:`room`.

        Returns how many things were left out, by the names of :data:`containerize.sandbox.admission.LEFT_OUT`.
        """
        ...

    def room(self) -> int:
        """Bytes that volumes may still take on this machine."""
        ...

    def start(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """Create and start; returns the container's id."""
        ...

    def state(self, container: str) -> ContainerState:
        """Whether it runs."""
        ...

    def execute(
        self,
        container: str,
        arguments: Sequence[str],
        *,
        user: str = "0:0",
        stdin: bytes | BinaryIO = b"",
        timeout: float = 60.0,
    ) -> ExecResult:
        """Run a command inside, with the container's environment. Both outputs are cut off after 16 MB. Raises
        RuntimeFailed when it takes longer than ``timeout`` seconds.
        """
        ...

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """Its processes."""
        ...

    def pressure(self, container: str) -> ContainerPressure:
        """The limits that it reached since its start, also after its end."""
        ...

    def listeners(self, container: str) -> tuple[tuple[str, str, int], ...]:
        """(protocol, address, port) bound on its node; protocol is tcp, tcp6, udp or udp6."""
        ...

    def logs(self, container: str, *, limit: int = 65536) -> bytes:
        """The last bytes it wrote to its output."""
        ...

    def dial(self, container: str, port: int, *, address: str = "127.0.0.1", timeout: float = 5.0) -> Duplex:
        """Connect to a port from within its node, so ``127.0.0.1`` is its own loopback. Raises OSError as a socket
        does.
        """
        ...

    def stop(self, container: str, *, grace: float = 10.0) -> StopResult:
        """Send the stop signal, wait, kill after ``grace`` seconds."""
        ...

    def restart(self, container: str) -> None:
        """Start a stopped container again, with its files but with empty memory file systems."""
        ...

    def remove(self, container: str) -> None:
        """Remove one container, running or not."""
        ...

    def remove_pilot(self, pilot: PilotId) -> None:
        """Remove every container, network, volume and image of a pilot. Safe to call twice, and after a crash."""
        ...

    def reap(self) -> tuple[str, ...]:
        """Remove what pilots left behind whose process is dead; returns their ids."""
        ...

    def close(self) -> None:
        """Let go of the engine. Removes nothing."""
        ...
