"""The document of the export: its types, from which the schema and ``docs/schema.*`` are made.

Within one major version fields are only added, so readers must ignore what they do not know. A field is taken away or
given another meaning only with a new major version.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from assess.export.json_schema import Count, Moment, Port, Schema, Version, document_schema
from assess.export.plan_document import ApplicationRow, DependencyRow, ExportedWave, PlannedPortRow, PlanRow
from assess.export.sightings_document import SightingsJson
from assess.export.totals_document import SummaryRow
from assess.model import Fit, Severity, Verdict
from assess.planning.model import Placement
from assess.planning.unused_services import UnusedConfidence
from assess.totals import Outlook
from inventory.depth import Depth
from inventory.described import doc

SCHEMA_VERSION = "1.4"

Score = Annotated[int, Meta(ge=0, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Status = Literal["complete", "partial", "unreachable"]


class ExportedEvidence(msgspec.Struct, frozen=True):
    """A fact that a statement rests on."""

    fact: Annotated[str, doc("The fact in words.")]
    section: Annotated[str | None, doc("Section of the recording; null for what was computed from several facts.")]
    part: Annotated[str | None, doc("Part of the section.")]
    line: Annotated[Annotated[int, Meta(ge=1)] | None, doc("Line within the part, from 1.")]
    text: Annotated[str | None, doc("The line as the host sent it, without secrets; null where there is none.")]


class TargetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A container host."""

    name: Annotated[str, doc("Name of the target.")]
    system: Annotated[Literal["linux", "windows"], doc("Kernel family.")]
    architecture: Annotated[str, doc("As printed by `uname -m`.")]
    kernel: Annotated[str | None, doc("Kernel release; null when unknown.")]
    engine: Annotated[str | None, doc("Container engine; null when none was found.")]
    engine_version: Annotated[str | None, doc("Version of the engine.")]
    cgroup_version: Annotated[Count, doc("0 none, 1, 2, or 3 for both at once.")]
    cpus: Annotated[int | None, doc("Processors; null when unknown.")]
    memory_bytes: Annotated[int | None, doc("Memory in bytes; null when unknown.")]
    os_build: Annotated[str | None, doc("Windows build; null for Linux and when unknown.")]
    cpu_level: Annotated[int | None, doc("x86-64 level that a profile requires; null for others.")]
    ephemeral_ports: Annotated[
        tuple[int, int] | None, doc("First and last port of outgoing connections; null when unknown.")
    ]
    rootless: Annotated[bool | None, doc("Whether the engine runs without root; null when unknown.")]
    origin: Annotated[str, doc("Source of these facts.")]


class ExportedFamily(msgspec.Struct, frozen=True, kw_only=True):
    """A family of systems."""

    name: Annotated[str, doc("Name of the family.")]
    confidence_cap: Annotated[Share, doc("Highest confidence of a verdict.")]
    reason: Annotated[str | None, doc("Why it is capped; null where it is not.")]
    proven: Annotated[str, doc("What has been run.")]
    hosts: Annotated[list[str], doc("Hosts of this family that were reached.")]


class ExportedNotObserved(msgspec.Struct, frozen=True, kw_only=True):
    """Sections that were not observed for one reason."""

    sections: Annotated[list[str], doc("Sections; empty for hosts that were not reached.")]
    hosts: Annotated[tuple[str, ...], doc("Hosts.")]
    reason: Annotated[str, doc("The reason.")]
    command: Annotated[str | None, doc("Command that collects them; null where none does.")]


class ExportedGap(msgspec.Struct, frozen=True):
    """Something missing from an answer."""

    what: Annotated[str, doc("What was not observed.")]
    reason: Annotated[str, doc("Why not.")]


class SectionRow(msgspec.Struct, frozen=True):
    """A section of a host."""

    status: Annotated[
        Literal["found", "absent", "unknown"], doc("absent: asked, and there is none; unknown: could not look.")
    ]
    reason: Annotated[str | None, doc("Why it is absent or unknown.")]
    gaps: Annotated[list[ExportedGap], doc("What is missing from a found answer.")]
    collect: Annotated[
        str | None, doc("Command that collects what was not observed; null where all was, or no command does.")
    ]


class DistributionRow(msgspec.Struct, frozen=True):
    """A release of a distribution."""

    id: Annotated[str, doc("ID of os-release.")]
    version: Annotated[str, doc("VERSION_ID, empty on rolling releases.")]


class ExportedHost(msgspec.Struct, frozen=True, kw_only=True):
    """A host of the inventory."""

    name: Annotated[str, doc("Name in the inventory.")]
    address: Annotated[str, doc("Address or name used to reach it.")]
    groups: Annotated[tuple[str, ...], doc("Groups of the inventory.")]
    platform: Annotated[str, doc("posix, windows, other, or empty when it could not be determined.")]
    status: Annotated[Status, doc("partial: a section that was asked is unknown or has gaps.")]
    reason: Annotated[str | None, doc("Why it is partial or unreachable.")]
    scanned: Annotated[Moment, doc("Time of the scan, by our clock.")]
    user: Annotated[str | None, doc("Login user of the scan.")]
    privileged: Annotated[bool, doc("Whether the scan ran as root.")]
    depth: Annotated[Depth, doc("Depth of the scan; sections that it does not ask are unknown.")]
    services: Annotated[
        int | None, doc("Services on it; null when it was not reached or its processes could not be read.")
    ]
    os: Annotated[str | None, doc("The distribution's own name.")]
    distribution: Annotated[DistributionRow | None, doc("The distribution for machines; null when unknown.")]
    kernel: Annotated[str | None, doc("Kernel release.")]
    architecture: Annotated[str | None, doc("As printed by `uname -m`.")]
    sections: Annotated[dict[str, SectionRow], doc("The state of each section, by its name.")]
    sightings: SightingsJson


class ProcessRow(msgspec.Struct, frozen=True, kw_only=True):
    """A process of a workload."""

    pid: Annotated[int, doc("Process id.", ge=1)]
    name: Annotated[str, doc("The kernel's short name.")]
    executable: Annotated[str | None, doc("Path of the executable; null when it could not be read.")]
    command: Annotated[str, doc("Command line, without secrets.")]
    uid: Annotated[Count, doc("Effective user id.")]
    main: Annotated[bool, doc("Whether it is the main process.")]


class ListenerRow(msgspec.Struct, frozen=True, kw_only=True):
    """A socket that a workload listens on."""

    protocol: Annotated[Literal["tcp", "udp", "raw"], doc("Transport; the address distinguishes IPv4 and IPv6.")]
    address: Annotated[str, doc("Local address; 0.0.0.0 and :: are all addresses.")]
    port: Annotated[Port, doc("Port; of a raw socket the IP protocol.")]
    process: Annotated[str, doc("Name of the process that holds it.")]


class DataRow(msgspec.Struct, frozen=True, kw_only=True):
    """A directory with data."""

    path: Annotated[str, doc("The directory.")]
    uid: Annotated[Count, doc("Owner.")]
    gid: Annotated[Count, doc("Group.")]
    mode: Annotated[str, doc("Permissions in octal.", pattern="^[0-7]{4,5}$")]
    evidence: Annotated[list[ExportedEvidence], doc("Why it is considered data.")]


class ScheduleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cron job."""

    place: Annotated[str, doc("File that contains the job.")]
    schedule: Annotated[str, doc("The five fields, @daily, or the directory's name.")]
    user: Annotated[str, doc("Account it runs as.")]
    command: Annotated[str, doc("Command, without secrets.")]


class ExportedWorkload(msgspec.Struct, frozen=True, kw_only=True):
    """A workload."""

    id: Annotated[str, doc("host/name.")]
    host: Annotated[str, doc("Host it runs on.")]
    name: Annotated[str, doc("Name, unique on the host and stable from scan to scan.", pattern="^[a-z0-9._-]+$")]
    kind: Annotated[Literal["service", "host function"], doc("A host function belongs to its host and is not moved.")]
    named_by: Annotated[str, doc("Source of the name.")]
    purpose: Annotated[str | None, doc("Purpose of a host function; null for a service.")]
    processes: Annotated[
        list[ProcessRow],
        doc("Its permanent processes by pid, without those that come and go with clients and jobs."),
    ]
    listeners: Annotated[list[ListenerRow], doc("Sockets it listens on.")]
    packages: Annotated[tuple[str, ...], doc("Packages that own its executables.")]
    configuration: Annotated[tuple[str, ...], doc("Directories and files with its configuration or code.")]
    data: Annotated[list[DataRow], doc("Directories that hold data it must not lose.")]
    schedules: Annotated[list[ScheduleRow], doc("Cron jobs that belong to it.")]
    companions: Annotated[tuple[str, ...], doc("Ids of workloads on the same host that it cannot run without.")]
    verdict: Annotated[Verdict, doc("Verdict on its best target.")]
    outlook: Annotated[
        Outlook | None, doc("Outcome of verdict and plan together, see `summary.outlooks`; null for host functions.")
    ]
    criticality: Annotated[Literal["high", "normal", "low"], doc("Importance, as set by people.")]
    score: Annotated[Score, doc("0 to 100 on the best target; 0 for what stays.")]
    confidence: Annotated[
        Share, doc("Share of the rules that were decided, at most `confidence_cap` of the host's family.")
    ]
    reasons: Annotated[tuple[str, ...], doc("Why, in plain sentences, the most important first.")]
    settings: Annotated[
        tuple[str, ...],
        doc("Settings of its container (published ports, volumes, capabilities); all that a ready service needs."),
    ]
    fits: Annotated[tuple[Fit, ...], doc("The same for each target.")]


class ExportedFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of a rule."""

    rule: Annotated[str, doc("Permanent id of the rule.", pattern="^[A-Z]{3}[0-9]{3}$")]
    name: Annotated[str, doc("Name of the rule.")]
    severity: Annotated[Severity, doc("From worst to mildest.")]
    host: Annotated[str, doc("Host of the finding.")]
    workload: Annotated[str | None, doc("Id of the workload; null for the host as a whole.")]
    target: Annotated[str | None, doc("Target it applies to; null for all.")]
    message: Annotated[str, doc("The finding, in a sentence.")]
    evidence: Annotated[list[ExportedEvidence], doc("Evidence of the finding.")]
    remedy: Annotated[str, doc("What to do.")]
    waived: Annotated[str | None, doc("Why it was accepted; its severity is info then.")]


class UndeterminedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that could not be decided."""

    rule: Annotated[str, doc("Permanent id of the rule.")]
    name: Annotated[str, doc("Name of the rule.")]
    host: Annotated[str | None, doc("Host; null for a rule about the estate.")]
    workload: Annotated[str | None, doc("Id of the workload; null for the host as a whole.")]
    target: Annotated[str | None, doc("Target; null for all.")]
    section: Annotated[str | None, doc("Missing section; null when it is something else.")]
    reason: Annotated[str, doc("Why it could not be decided.")]
    failed: Annotated[bool, doc("The rule itself failed, which is a fault of this program.")]


class ExportedPort(msgspec.Struct, frozen=True, kw_only=True):
    """A bound port."""

    workload: Annotated[str | None, doc("Id of the workload that binds it; null when its process could not be read.")]
    host: Annotated[str, doc("Host.")]
    protocol: Annotated[Literal["tcp", "udp"], doc("Transport.")]
    address: Annotated[str, doc("Local address.")]
    port: Annotated[Port, doc("Port.")]
    process: Annotated[str | None, doc("Name of the process.")]
    set_in: Annotated[str | None, doc("Where the port is configured: path:line, or words; null for host functions.")]
    clients: Annotated[
        tuple[str, ...], doc("Connected clients: ids of workloads, names of hosts, or addresses (fifty at most).")
    ]
    likely_owner: Annotated[
        str | None,
        doc("Id of the workload whose configuration sets the port, if the listening process could not be identified."),
    ]
    conflict: Annotated[bool, doc("Whether other services of the estate use the same port.")]
    rivals: Annotated[list[str], doc("Their ids (twenty at most).")]
    rivals_in_all: Annotated[Count, doc("How many there are.")]
    planned: Annotated[PlannedPortRow | None, doc("The port after the move; null for what does not move.")]


class UnusedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A service without observed use."""

    workload: Annotated[str, doc("Id of the service.")]
    samples: Annotated[int, doc("The scan, and the samples after it (`assess scan --every`).", ge=1)]
    seconds: Annotated[Count, doc("From the first sample to the last; 0 for a single scan.")]
    strength: Annotated[UnusedConfidence, doc("weak below a day of observation, strong from a week on.")]
    evidence: Annotated[list[ExportedEvidence], doc("What was not observed, and where it would have been.")]


class ExportDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Hosts, their workloads, and the findings, as printed by `assess export --json`."""

    schema_version: Version = SCHEMA_VERSION
    made: Annotated[Moment, doc("Time of the assessment, UTC.")]
    inventory: Annotated[str, doc("Path of the inventory file as it was given.")]
    targets: Annotated[list[TargetRow], doc("Container hosts that workloads are judged against.")]
    summary: SummaryRow
    families: Annotated[
        list[ExportedFamily], doc("Families of systems, and how far verdicts are proven on each; the first that fits.")
    ]
    not_observed: Annotated[list[ExportedNotObserved], doc("What was not observed, by reason.")]
    hosts: Annotated[Iterable[ExportedHost], doc("Every host of the inventory, in its order.")]
    workloads: Annotated[Iterable[ExportedWorkload], doc("Every workload of every host that was reached.")]
    findings: Annotated[Iterable[ExportedFinding], doc("All findings.")]
    undetermined: Annotated[Iterable[UndeterminedRow], doc("Every rule that could not be decided, and why.")]
    port_plan: Annotated[Iterable[ExportedPort], doc("Every bound port of the estate.")]
    applications: Annotated[
        Iterable[ApplicationRow], doc("Similar services of several hosts; every service is in one.")
    ]
    dependencies: Annotated[Iterable[DependencyRow], doc("Dependencies of services on each other.")]
    placements: Annotated[Iterable[Placement], doc("The container host of each service.")]
    waves: Annotated[Iterable[ExportedWave], doc("The order in which applications move.")]
    plan: PlanRow
    retire_candidates: Annotated[
        list[UnusedRow],
        doc(
            "Services without a client, connection or job during the observation; switching one off is the cheapest "
            "move. Services whose use cannot be observed (UDP, descriptors that were not readable) are not listed."
        ),
    ]
    notices: Annotated[tuple[str, ...], doc("Notices for the operator.")]


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of the export."""
    return document_schema(ExportDocument, "Assessment")
