"""The plan of an image, each field with its reason, as stored in ``builds/<host>/<workload>/plan.json``.

A plan never holds a secret's value: a file that holds one is named in ``secrets`` and read again from the host when the
image is piloted; an environment variable that holds one is named in ``secret_environment``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

from msgspec import Meta

from inventory.described import doc

WorkloadId = Annotated[str, doc("host/name of the workload.")]
DIGEST = r"^sha256:[0-9a-f]{64}$"
Digest = Annotated[str, Meta(pattern=DIGEST)]
EntryKind = Literal["file", "directory", "symlink", "hardlink"]
LayerName = Literal["base", "packages", "records", "application"]
Level = Literal["complete", "lean", "observed"]
"""How much an image holds: all that the service may need, the same without what nothing reads at run time, or what its
pilot was seen to use."""


Mode = Literal["lift", "rebuild"]
"""Where an image comes from: the files of the host, or a Containerfile that installs the same packages."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """One path of the image. ``digest`` (sha256 hex) and ``size`` are set for files, ``link`` for both kinds of link.

    ``reason`` says why it is in the image ("belongs to libapr1, which apache2-bin depends on"). ``xattrs`` holds
    ``security.capability`` and the like. ``package`` is whose file it is, set for files and links of the layer
    ``packages``. ``also`` is what else asks for it.
    """

    path: str
    kind: EntryKind
    mode: int
    uid: int
    gid: int
    mtime: int
    size: int
    digest: str
    link: str
    layer: LayerName
    reason: str
    xattrs: tuple[tuple[str, bytes], ...] = ()
    package: str = ""
    also: tuple[str, ...] = ()

    @classmethod
    def directory(cls, path: str, reason: str, layer: LayerName, *, mode: int, uid: int, gid: int) -> Self:
        """A directory. Its time is 0: it shows when a package tool ran, and would differ on every host."""
        return cls(path, "directory", mode, uid, gid, 0, 0, "", "", layer, reason)

    @classmethod
    def symlink(
        cls, path: str, target: str, reason: str, layer: LayerName, *, uid: int, gid: int, package: str = ""
    ) -> Self:
        """A symbolic link, with time 0 like a directory."""
        return cls(path, "symlink", 0o777, uid, gid, 0, 0, "", target, layer, reason, package=package)


@dataclass(frozen=True, slots=True)
class PlannedPackage:
    """A package of which the image has files. ``reasons`` go behind its name ("which apache2-bin depends on")."""

    name: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """A directory that stays outside of the image. ``seed`` says how a pilot fills it: a plain copy of the files while
    the service runs, or a database's own dump tool (``mariadb``, ``postgresql`` …).
    """

    path: str
    uid: int
    gid: int
    mode: int
    seed: Literal["copy", "mariadb", "postgresql", "redis", "sqlite", "empty"]
    reason: str


@dataclass(frozen=True, slots=True)
class SecretMount:
    """A file that is left out whole and mounted from memory at its path."""

    path: str
    uid: int
    gid: int
    mode: int
    reason: str


@dataclass(frozen=True, slots=True)
class SocketPeer:
    """A Unix socket at which another workload of the host listens. Its container and that of ``workload`` both need
    ``directory``, which has this owner and mode on the host.
    """

    path: str
    workload: str
    directory: str
    uid: int
    gid: int
    mode: int
    reason: str


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """A directory that must exist on an empty /run, /tmp or /var/lock when the service starts."""

    path: str
    uid: int
    gid: int
    mode: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImagePort:
    """A port that the container listens on. ``published`` is False for what only listened on loopback."""

    protocol: Literal["tcp", "udp"]
    port: int
    address: str
    published: bool
    process: str


@dataclass(frozen=True, slots=True)
class ExpectedProcess:
    """A process that the inventory saw: executable, account name and how many of them."""

    executable: str
    user: str
    count: int


@dataclass(frozen=True, slots=True)
class Start:
    """The start of the container: the foreground form of the service.

    ``arguments`` is the vector; ``environment`` has no secrets; ``user`` is ``uid:gid`` (``0:0`` when the program
    itself drops root); ``init`` asks for a reaping PID 1; ``reason`` says where the form comes from. ``groups`` are
    supplementary group ids, which an image cannot express and its runtime must set. A umask other than 0022 is part of
    ``arguments``. An argument that holds a secret is taken from a variable of ``secret_environment`` (see
    :mod:`containerize.secret_values.secret_sources`, which reads the values again). ``command`` is the vector of the
    service where ``arguments`` start the supervisor, else ().
    """

    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    secret_environment: tuple[str, ...]
    user: str
    working_directory: str
    stop_signal: str
    init: bool
    reason: str
    groups: tuple[int, ...] = ()
    command: tuple[str, ...] = ()

    @property
    def service(self) -> tuple[str, ...]:
        """The vector of the service itself."""
        return self.command or self.arguments


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A path that was left out on purpose, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOutGroup:
    """Files that a level leaves out together. ``name`` is unique in a plan; ``size`` is in bytes of the files, before
    compression, a file with several names counted once.
    """

    name: str
    reason: str
    size: int
    paths: tuple[str, ...]


@dataclass(frozen=True)
class ImagePlan:
    """The whole plan of one workload. ``companions`` are ids of workloads whose processes come along in the same image.

    ``hostname`` and ``host_aliases`` (name, address) are what the service saw on its host; ``own_names`` are the names
    of the host in its /etc/hosts, the canonical one first, and ``own_addresses`` those of its addresses that settings
    name. ``peers`` are
    (name-or-address, port, workload id or "") it connects to, ``socket_peers`` the Unix sockets of other images'
    workloads. ``capabilities`` and ``devices`` are beyond the
    engine's defaults: what the host reports, and nothing that is granted. ``evidence`` are (name of one of them, what
    shows it). ``groups`` are what the ``level`` leaves out of the files of a complete image.
    """

    workload: str
    host: str
    image: str
    architecture: str
    distribution: str
    start: Start
    files: tuple[PlannedFile, ...]
    volumes: tuple[Volume, ...]
    secrets: tuple[SecretMount, ...]
    run_directories: tuple[RunDirectory, ...]
    ports: tuple[ImagePort, ...]
    processes: tuple[ExpectedProcess, ...]
    unix_sockets: tuple[str, ...]
    companions: tuple[str, ...]
    hostname: str
    host_aliases: tuple[tuple[str, str], ...]
    peers: tuple[tuple[str, int, str], ...]
    capabilities: tuple[str, ...]
    devices: tuple[str, ...]
    limits: tuple[tuple[str, int, int], ...]
    shm_bytes: int
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    level: Level = "complete"
    groups: tuple[LeftOutGroup, ...] = ()
    packages: tuple[PlannedPackage, ...] = ()
    mode: Mode = "lift"
    evidence: tuple[tuple[str, str], ...] = ()
    socket_peers: tuple[SocketPeer, ...] = ()
    own_names: tuple[str, ...] = ()
    own_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """The result of a build. ``layout`` is the path of the OCI layout, ``digest`` its manifest's digest; sizes in
    bytes.
    """

    workload: str
    image: str
    layout: str
    digest: str
    size: int
    compressed_size: int
    files: int
