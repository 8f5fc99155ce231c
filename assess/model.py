"""Words of the assessment: workload, finding, fit, verdict, assessment. Frozen, without I/O.

The JSON form of all of this is the export schema (``docs/reference/schema.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from inventory.described import doc
from inventory.model.cron import CronJob
from inventory.model.processes import Process
from inventory.model.services import Service
from inventory.model.sockets import OwnedConnection, OwnedListener, UnixSocket
from inventory.observation import Gap, Origin
from inventory.snapshot import Snapshot


class Severity(StrEnum):
    """The weight of a finding, from the worst to the mildest."""

    BLOCKER = "blocker"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"


class Verdict(StrEnum):
    """The decision about a workload."""

    READY = "ready"
    NEEDS_WORK = "needs work"
    STAY = "stay"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The basis of a statement.

    ``fact`` says it in words ("/usr/sbin/apache2 listens on 0.0.0.0:80"), ``origin`` where it was read (None for
    what was computed from several facts), ``text`` the line as the host sent it, redacted ("" where the words are
    all there is).
    """

    fact: str
    origin: Origin | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """A directory that holds what the workload must not lose. ``writers`` says why we think so."""

    path: str
    uid: int
    gid: int
    mode: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class SocketTie:
    """A Unix socket at which a companion listens, for a companion that can run in another container: both containers
    then need the socket's directory. ``companion`` is its id, ``path`` begins with /run where the host says /var/run.
    """

    companion: str
    path: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Workload:
    """The processes, files, ports and schedules of one service on one host.

    ``processes`` are those that it is judged by, in pid order, the main one named by ``main_pid``; ``passing`` are
    those that come and go with its clients and jobs (:mod:`assess.workloads.permanent_processes`). ``named_by`` says
    where the name comes from, in words. ``packages`` are those that own its executables. ``companions`` are ids of
    workloads of the same host that it cannot live without (what it reaches over a unix socket, a pipe or shared
    memory). ``configuration_roots`` are directories and files of /etc and application roots (``/opt/app``) that are its
    own. ``purpose`` says what a host function is for (``remote login``), "" for a service. ``recognised_by`` are the
    keys under which the name is kept from scan to scan, the surest first. ``companion_evidence`` says for each
    companion what ties them together, ``socket_ties`` the sockets of those that can run in another container: a
    companion without one must share the container. ``criticality`` is how much hangs on it, as people said. ``parts``
    are the workloads, as they were found, that ``part_of`` in brownfield.yaml made one of, the main one first; () for
    one found whole.
    """

    host: str
    name: str
    kind: Literal["service", "host function"]
    processes: tuple[Process, ...]
    main_pid: int
    listeners: tuple[OwnedListener, ...]
    unix_sockets: tuple[UnixSocket, ...]
    connections: tuple[OwnedConnection, ...]
    service: Service | None
    packages: tuple[str, ...]
    executables: tuple[str, ...]
    configuration_roots: tuple[str, ...]
    data: tuple[DataDirectory, ...]
    schedules: tuple[CronJob, ...]
    companions: tuple[str, ...]
    named_by: str
    purpose: str = ""
    recognised_by: tuple[str, ...] = ()
    companion_evidence: tuple[tuple[str, Evidence], ...] = ()
    criticality: Literal["high", "normal", "low"] = "normal"
    passing: tuple[Process, ...] = ()
    parts: tuple[Workload, ...] = ()
    socket_ties: tuple[SocketTie, ...] = ()

    @property
    def inseparable(self) -> tuple[str, ...]:
        """Ids of the companions that must share its container."""
        apart = {tie.companion for tie in self.socket_ties}
        return tuple(name for name in self.companions if name not in apart)

    @property
    def units(self) -> tuple[Workload, ...]:
        """The workloads that start by themselves: its parts, or itself when it was found whole."""
        return self.parts or (self,)

    @property
    def all_processes(self) -> tuple[Process, ...]:
        """Those that pass too, in pid order."""
        if not self.passing:
            return self.processes
        return tuple(sorted((*self.processes, *self.passing), key=lambda process: process.pid))

    @property
    def id(self) -> str:
        """``host/name``."""
        return f"{self.host}/{self.name}"

    @property
    def main(self) -> Process:
        """The main process."""
        return next(process for process in self.processes if process.pid == self.main_pid)


@dataclass(frozen=True, slots=True)
class Target:
    """A container host that a fit is judged against. ``origin`` says where its facts come from (``local engine``).

    ``cpu_flags`` empty and ``kernel_release`` "" mean that they could not be read; a rule that needs them is
    undetermined. ``vsyscall`` is the mode of the legacy page of x86-64 (``none``, ``xonly``, ``emulate``), "" when
    unknown; ``ia32_emulation`` says whether the kernel runs 32-bit x86 programs, None when unknown.
    ``listening_ports`` are (protocol, port) that the target's own programs hold. ``cpus`` and ``memory_bytes`` are its
    size, 0 when unknown; ``servers`` how many of them there are, None for as many as are needed. ``sysctls`` are its
    kernel settings (a name in the form of :class:`inventory.model.sysctls.Sysctl`), ``modules`` the loaded modules, and
    ``free_huge_pages`` (bytes of a page, number) by size; each None when unknown. ``transparent_huge_pages`` is
    ``always``, ``madvise`` or ``never``, "" when unknown.

    ``cpu_level`` is the level of x86-64 that a named profile asks of its machines, 0 when it asks none or the flags
    are known. ``ephemeral_ports`` is the range (first, last) of outgoing connections, ``reserved_ports`` ranges left
    out of it, ``node_ports`` that of Kubernetes' NodePort services, None where there is no Kubernetes.
    ``unprivileged_port_start`` is the first port that can be bound without root; None when unknown. ``rootless``
    says that the engine runs as an ordinary user, ``swarm`` that it is a node of a Docker Swarm; None when unknown.
    ``os_build`` is the build of Windows (``10.0.20348``), "" when unknown. ``security_modules`` are those of its kernel
    (``selinux``, ``apparmor`` …), None when unknown; ``selinux`` is ``enforcing``, ``permissive`` or "".
    """

    name: str
    system: Literal["linux", "windows"]
    architecture: str
    kernel_release: str
    cpu_flags: tuple[str, ...]
    engine: str
    engine_version: str
    cgroup_version: int
    origin: str
    listening_ports: tuple[tuple[str, int], ...] = ()
    vsyscall: str = ""
    ia32_emulation: bool | None = None
    cpus: int = 0
    memory_bytes: int = 0
    servers: int | None = None
    sysctls: Mapping[str, str] | None = field(default=None, hash=False)
    modules: frozenset[str] | None = None
    free_huge_pages: tuple[tuple[int, int], ...] | None = None
    transparent_huge_pages: str = ""
    cpu_level: int = 0
    ephemeral_ports: tuple[int, int] | None = None
    reserved_ports: tuple[tuple[int, int], ...] = ()
    node_ports: tuple[int, int] | None = None
    unprivileged_port_start: int | None = None
    rootless: bool | None = None
    swarm: bool | None = None
    os_build: str = ""
    security_modules: tuple[str, ...] | None = None
    selinux: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """The statement of a rule. ``workload`` is an id or None for the whole host; ``target`` a target's name or None for
    all.

    ``message`` is one sentence, ``remedy`` what to do here (more precise than the rule's general remedy where
    possible). ``waived`` is the reason for which people accepted it ("" when it was not). ``about`` names the thing of
    which there may be several (a port, ``80/tcp``), "" where the rule says one thing. ``settings`` of a container are
    all that it takes, () where they are not enough or none is needed. ``affects`` are the ids of the services that use
    what is said of the whole host, None for all of them.
    """

    rule: str
    name: str
    severity: Severity
    host: str
    workload: str | None
    target: str | None
    message: str
    evidence: tuple[Evidence, ...]
    remedy: str
    waived: str = ""
    about: str = ""
    settings: tuple[str, ...] = ()
    affects: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Undetermined:
    """A rule that could not be decided for a subject, and which section is missing and why.

    ``section`` is "" when no section is missing: the target was not known well enough, or the rule itself
    failed (``failed``), which is a bug of ours that must be seen and stops no other rule.
    """

    rule: str
    name: str
    host: str
    workload: str | None
    target: str | None
    section: str
    reason: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """A workload on a target."""

    target: Annotated[str, doc("Name of the target.")]
    verdict: Annotated[Verdict, doc("Verdict on this target.")]
    score: Annotated[int, doc("0 to 100.", ge=0, le=100)]
    reasons: Annotated[tuple[str, ...], doc("The reasons.")]


@dataclass(frozen=True, slots=True)
class WorkloadAssessment:
    """A workload with everything that was found out about it.

    ``score`` is 0-100 on its best target, ``confidence`` 0.0-1.0 the share of the rules that could be
    decided, at most what is proven on the family of its host (:mod:`assess.knowledge.system_families`);
    ``reasons`` are plain sentences for the verdict, the most important first. ``settings`` are those of its container,
    () for what stays.
    """

    workload: Workload
    verdict: Verdict
    score: int
    confidence: float
    reasons: tuple[str, ...]
    fits: tuple[Fit, ...]
    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PortUse:
    """A row of the estate's port map: who binds what, where the number is set, who connects.

    ``workload`` is an id, "" when the listening process could not be identified. ``set_in`` is ``path:line`` of the
    configuration or code, or words when it was found nowhere. ``clients`` are ids of workloads, else
    ``host``, else addresses, as far as connections were open at the time. ``wanted_by`` are the ids of all services
    of the estate that want the port on a network address, this one included: more than one is a conflict. It is
    empty for what stays behind (host functions, loopback). Rows of one port share the tuple. ``likely_owner`` is the id
    of the workload that configures the port, where the listening process could not be identified.
    """

    workload: str
    host: str
    protocol: str
    address: str
    port: int
    process: str
    set_in: str
    clients: tuple[str, ...]
    wanted_by: tuple[str, ...]
    likely_owner: str = ""


@dataclass(frozen=True, slots=True)
class Unused:
    """A service (its id) without a client, connection or job. ``samples`` counts the scan and the samples after it,
    ``seconds`` is the time from the first to the last.
    """

    workload: str
    samples: int
    seconds: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class HostAssessment:
    """A host: its snapshot, what could not be seen there, and findings about the host as a whole.

    ``unseen`` are sections (name, reason) that did not answer; those that the scan did not mean to ask are not in it.
    ``unused`` are its services that were not seen in use.
    """

    snapshot: Snapshot
    unseen: tuple[tuple[str, str], ...]
    gaps: tuple[tuple[str, Gap], ...]
    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    unused: tuple[Unused, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedHost:
    """All that was found out about one host. ``ports`` are its rows of the port map; ``findings`` what was found by
    looking at this host, without what was found by comparing it with others.
    """

    host: HostAssessment
    workloads: tuple[WorkloadAssessment, ...]
    ports: tuple[PortUse, ...]
    findings: tuple[Finding, ...]
