"""The form of the export: a JSON Schema with a description of every field, from which ``docs/schema.*`` is made.

Within one major version fields are only added, so readers must ignore what they do not know. A field is taken away or
given another meaning only with a new major version.
"""

from __future__ import annotations

from assess.export.json_schema import (
    Schema,
    document_schema,
    flag,
    integer,
    listing,
    maybe,
    moment,
    record,
    text,
    texts,
    word,
)
from assess.export.plan_document import APPLICATION, DEPENDENCY, PLACEMENT, PLAN, PLANNED_PORT, WAVE
from assess.export.sightings_document import sightings_schema
from assess.export.totals_document import SUMMARY
from assess.totals import Outlook

SCHEMA_VERSION = "1.4"


def schema() -> Schema:
    """The JSON Schema (draft 2020-12) of what :func:`assess.export.export_document.to_document` returns."""
    return document_schema(
        "Assessment",
        "What `assess export --json` prints: hosts, their workloads, and what was found.",
        made=moment("When the assessment was made, UTC."),
        inventory=text("Path of the inventory file as it was given."),
        targets=listing("Container hosts that workloads are judged against.", _TARGET),
        summary=SUMMARY,
        families=listing("Families of systems, and how far verdicts are proven on each; the first that fits.", _FAMILY),
        not_observed=listing("What was not observed, by reason.", _NOT_OBSERVED),
        hosts=listing("Every host of the inventory, in its order.", _HOST),
        workloads=listing("Every workload of every host that could be asked.", _WORKLOAD),
        findings=listing("Everything that rules found.", _FINDING),
        undetermined=listing("Every rule that could not be decided, and why.", _UNDETERMINED),
        port_plan=listing("Every bound port of the estate.", _PORT),
        applications=listing("Alike services of several hosts; every service is in one.", APPLICATION),
        dependencies=listing("Which service depends on which.", DEPENDENCY),
        placements=listing("Which service goes to which container host.", PLACEMENT),
        waves=listing("In which order applications move.", WAVE),
        plan=PLAN,
        retire_candidates=listing(
            "Services without a client, connection or job during the observation; switching one off is the cheapest "
            "move. Services whose use cannot be seen (UDP, descriptors that were not readable) are not in it.",
            _UNUSED,
        ),
        notices=texts("Sentences for who runs the assessment."),
    )


def _verdict(description: str) -> Schema:
    return word(description, "ready", "needs work", "stay", "unknown")


_CONFIDENCE = "Share of the rules that were decided, at most `confidence_cap` of the host's family."

_FAMILY = record(
    name=text("Name of the family."),
    confidence_cap={"type": "number", "minimum": 0, "maximum": 1, "description": "Highest confidence of a verdict."},
    reason=maybe("Why it is capped; null where it is not."),
    proven=text("What has been run."),
    hosts=texts("Hosts of it that were reached."),
)

_SCORE = integer("0 to 100 on the best target; 0 for what stays.", maximum=100)

_EVIDENCE = record(
    fact=text("The fact in words."),
    section=maybe("Section of the recording it was read from; null for what was computed from several facts."),
    part=maybe("Part of the section."),
    line={"type": ["integer", "null"], "minimum": 1, "description": "Line within the part, from 1."},
    text=maybe("The line as the host sent it, without secrets; null when the words are all there is."),
)

_UNUSED = record(
    workload=text("Id of the service."),
    samples=integer("The scan, and the samples after it (`assess scan --every`).", 1),
    seconds=integer("From the first sample to the last; 0 for a single scan, which is a glance."),
    strength=word("weak below a day of observation, strong from a week on.", "weak", "fair", "strong"),
    evidence=listing("What was not seen, and where it would have been.", _EVIDENCE),
)

_TARGET = record(
    name=text("Name of the target."),
    system=word("Kernel family.", "linux", "windows"),
    architecture=text("As `uname -m` says it."),
    kernel=maybe("Kernel release; null when unknown."),
    engine=maybe("Container engine; null when none was found."),
    engine_version=maybe("Version of the engine."),
    cgroup_version=integer("0 none, 1, 2, or 3 for both at once."),
    cpus={"type": ["integer", "null"], "description": "Processors; null when unknown."},
    memory_bytes={"type": ["integer", "null"], "description": "Memory in bytes; null when unknown."},
    os_build=maybe("Build of Windows; null for Linux and when unknown."),
    cpu_level={"type": ["integer", "null"], "description": "Level of x86-64 that a profile asks for; null for others."},
    ephemeral_ports={
        "type": ["array", "null"],
        "items": {"type": "integer"},
        "description": "First and last port of outgoing connections; null when unknown.",
    },
    rootless={"type": ["boolean", "null"], "description": "Whether the engine runs without root; null when unknown."},
    origin=text("Where these facts come from."),
)

_SECTION = record(
    status=word("found; absent: asked, and there is none; unknown: could not look.", "found", "absent", "unknown"),
    reason=maybe("Why it is absent or unknown."),
    gaps=listing("What a found answer lacks.", record(what=text("What was not seen."), reason=text("Why not."))),
    collect=maybe("Command that collects what was not observed; null where all was, or no command does."),
)

_NOT_OBSERVED = record(
    sections=texts("Sections; empty for hosts that were not reached."),
    hosts=texts("Hosts."),
    reason=text("Why."),
    command=maybe("Command that collects them; null where none does."),
)

_HOST = record(
    name=text("Name in the inventory."),
    address=text("Address or name it is reached by."),
    groups=texts("Groups of the inventory."),
    platform=text("posix, windows, other, or empty when it could not be told."),
    status=word("partial: some section that was asked is unknown or has gaps.", "complete", "partial", "unreachable"),
    reason=maybe("Why it is partial or unreachable."),
    scanned=moment("When it was asked, by our clock."),
    user=maybe("Login user of the scan."),
    privileged=flag("Whether the scan ran as root."),
    depth=word("How deep the scan looked; sections that it does not ask are unknown.", "quick", "standard", "deep"),
    services={
        "type": ["integer", "null"],
        "description": "Services on it; null when it was not reached or its processes could not be read.",
    },
    os=maybe("The distribution's own name for itself."),
    distribution={
        "oneOf": [
            {"type": "null"},
            record(id=text("ID of os-release."), version=text("VERSION_ID, empty on rolling releases.")),
        ],
        "description": "The distribution for machines; null when unknown.",
    },
    kernel=maybe("Kernel release."),
    architecture=maybe("As `uname -m` says it."),
    sections={
        "type": "object",
        "description": "What is known of each section, by its name.",
        "additionalProperties": _SECTION,
    },
    sightings=sightings_schema(),
)

_WORKLOAD = record(
    id=text("host/name."),
    host=text("Host it runs on."),
    name=text("Its name, unique on the host and kept from scan to scan.", pattern="^[a-z0-9._-]+$"),
    kind=word("A host function belongs to its host and is not moved.", "service", "host function"),
    named_by=text("Where the name comes from."),
    purpose=maybe("What a host function is for; null for a service."),
    processes=listing(
        "Its processes by pid: those that are always there. What comes and goes with clients and jobs is left out.",
        record(
            pid=integer("Process id.", 1),
            name=text("The kernel's short name."),
            executable=maybe("Path of the executable; null when it could not be read."),
            command=text("Command line, without secrets."),
            uid=integer("Effective user id."),
            main=flag("Whether it is the main process."),
        ),
    ),
    listeners=listing(
        "Sockets it listens on.",
        record(
            protocol=word("Transport; the address tells IPv4 from IPv6.", "tcp", "udp", "raw"),
            address=text("Local address; 0.0.0.0 and :: are all addresses."),
            port=integer("Port; of a raw socket the IP protocol.", maximum=65535),
            process=text("Name of the process that holds it."),
        ),
    ),
    packages=texts("Packages that own its executables."),
    configuration=texts("Directories and files that configure it or are its code."),
    data=listing(
        "Directories that hold what it must not lose.",
        record(
            path=text("The directory."),
            uid=integer("Owner."),
            gid=integer("Group."),
            mode=text("Permissions in octal.", pattern="^[0-7]{4,5}$"),
            evidence=listing("Why it is thought to be data.", _EVIDENCE),
        ),
    ),
    schedules=listing(
        "Jobs of cron that belong to it.",
        record(
            place=text("File the job stands in."),
            schedule=text("The five fields, @daily, or the directory's name."),
            user=text("Account it runs as."),
            command=text("Command, without secrets."),
        ),
    ),
    companions=texts("Ids of workloads of the same host that it cannot live without."),
    verdict=_verdict("Verdict on its best target."),
    outlook={
        "enum": [None, *map(str, Outlook)],
        "description": "What verdict and plan together make of it, see `summary.outlooks`; null for host functions.",
    },
    criticality=word("How much hangs on it, as people said.", "high", "normal", "low"),
    score=_SCORE,
    confidence={"type": "number", "minimum": 0, "maximum": 1, "description": _CONFIDENCE},
    reasons=texts("Why, in plain sentences, the most important first."),
    settings=texts(
        "Settings of its container (published ports, volumes, capabilities); all that a ready service needs."
    ),
    fits=listing(
        "The same for each target.",
        record(
            target=text("Name of the target."),
            verdict=_verdict("Verdict on this target."),
            score=integer("0 to 100.", maximum=100),
            reasons=texts("Why."),
        ),
    ),
)

_FINDING = record(
    rule=text("Permanent id of the rule.", pattern="^[A-Z]{3}[0-9]{3}$"),
    name=text("Name of the rule."),
    severity=word("From worst to mildest.", "blocker", "major", "minor", "info"),
    host=text("Host it is about."),
    workload=maybe("Id of the workload; null for the host as a whole."),
    target=maybe("Target it holds for; null for all."),
    message=text("What was found, in a sentence."),
    evidence=listing("What that rests on.", _EVIDENCE),
    remedy=text("What to do."),
    waived=maybe("Why people accepted it; its severity is info then."),
)

_UNDETERMINED = record(
    rule=text("Permanent id of the rule."),
    name=text("Name of the rule."),
    host=maybe("Host; null for a rule about the estate."),
    workload=maybe("Id of the workload; null for the host as a whole."),
    target=maybe("Target; null for all."),
    section=maybe("Section that is missing; null when it is something else."),
    reason=text("Why it could not be decided."),
    failed=flag("The rule itself failed, which is a fault of this program."),
)

_PORT = record(
    workload=maybe("Id of the workload that binds it; null when its process could not be seen."),
    host=text("Host."),
    protocol=word("Transport.", "tcp", "udp"),
    address=text("Local address."),
    port=integer("Port.", maximum=65535),
    process=maybe("Name of the process."),
    set_in=maybe("Where the number is set: path:line, or words; null for host functions."),
    clients=texts("Who was connected: ids of workloads, names of hosts, or addresses (fifty at most)."),
    likely_owner=maybe(
        "Id of the workload whose configuration sets the port, where the process that listens could not be seen."
    ),
    conflict=flag("Whether other services of the estate want the same port."),
    rivals=texts("Their ids (twenty at most)."),
    rivals_in_all=integer("How many there are."),
    planned=PLANNED_PORT,
)
