"""The form of the export: a JSON Schema with a description of every field, from which ``docs/schema.*`` is made.

Within one major version fields are only added, so readers must ignore what they do not know. A field is taken away or
given another meaning only with a new major version.
"""

from __future__ import annotations

from typing import Any

SCHEMA_VERSION = "1.0"

_Schema = dict[str, Any]


def schema() -> _Schema:
    """The JSON Schema (draft 2020-12) of what :func:`assess.export.to_document` returns."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Assessment",
        "description": "What `assess export --json` prints: hosts, their workloads, and what was found.",
        **_object(
            schema_version=_string("Version of this schema: major.minor.", pattern=r"^1\.\d+$"),
            made=_time("When the assessment was made, UTC."),
            inventory=_string("Path of the inventory file as it was given."),
            targets=_array("Container hosts that workloads are judged against.", _TARGET),
            hosts=_array("Every host of the inventory, in its order.", _HOST),
            workloads=_array("Every workload of every host that could be asked.", _WORKLOAD),
            findings=_array("Everything that rules found.", _FINDING),
            undetermined=_array("Every rule that could not be decided, and why.", _UNDETERMINED),
            port_plan=_array("Every bound port of the estate.", _PORT),
            placements=_array("Which workload goes to which target. Empty: not planned by this version.", {}),
            waves=_array("In which order workloads move. Empty: not planned by this version.", {}),
        ),
    }


def _object(**properties: _Schema) -> _Schema:
    # Left open on purpose: a newer minor version adds fields, and an older schema must still accept them.
    return {"type": "object", "properties": properties, "required": list(properties)}


def _array(description: str, items: _Schema) -> _Schema:
    return {"type": "array", "description": description, "items": items}


def _string(description: str, **more: Any) -> _Schema:
    return {"type": "string", "description": description, **more}


def _maybe(description: str) -> _Schema:
    return {"type": ["string", "null"], "description": description}


def _word(description: str, *words: str) -> _Schema:
    return {"type": "string", "enum": list(words), "description": description}


def _integer(description: str, minimum: int = 0, **more: Any) -> _Schema:
    return {"type": "integer", "minimum": minimum, "description": description, **more}


def _flag(description: str) -> _Schema:
    return {"type": "boolean", "description": description}


def _strings(description: str) -> _Schema:
    return _array(description, {"type": "string"})


def _time(description: str) -> _Schema:
    return _string(description, format="date-time")


def _verdict(description: str) -> _Schema:
    return _word(description, "ready", "needs work", "stay", "unknown")


_SCORE = _integer("0 to 100 on the best target; 0 for what stays.", maximum=100)

_EVIDENCE = _object(
    fact=_string("The fact in words."),
    section=_maybe("Section of the recording it was read from; null for what was computed from several facts."),
    part=_maybe("Part of the section."),
    line={"type": ["integer", "null"], "minimum": 1, "description": "Line within the part, from 1."},
    text=_maybe("The line as the host sent it, without secrets; null when the words are all there is."),
)

_TARGET = _object(
    name=_string("Name of the target."),
    system=_word("Kernel family.", "linux", "windows"),
    architecture=_string("As `uname -m` says it."),
    kernel=_maybe("Kernel release; null when unknown."),
    engine=_maybe("Container engine; null when none was found."),
    engine_version=_maybe("Version of the engine."),
    cgroup_version=_integer("0 none, 1, 2, or 3 for both at once."),
    origin=_string("Where these facts come from."),
)

_SECTION = _object(
    status=_word("found; absent: asked, and there is none; unknown: could not look.", "found", "absent", "unknown"),
    reason=_maybe("Why it is absent or unknown."),
    gaps=_array("What a found answer lacks.", _object(what=_string("What was not seen."), reason=_string("Why not."))),
)

_HOST = _object(
    name=_string("Name in the inventory."),
    address=_string("Address or name it is reached by."),
    groups=_strings("Groups of the inventory."),
    platform=_string("posix, windows, other, or empty when it could not be told."),
    status=_word("partial: some section is unknown or has gaps.", "complete", "partial", "unreachable"),
    reason=_maybe("Why it is partial or unreachable."),
    scanned=_time("When it was asked, by our clock."),
    user=_maybe("Login user of the scan."),
    privileged=_flag("Whether the scan ran as root."),
    os=_maybe("The distribution's own name for itself."),
    distribution={
        "oneOf": [
            {"type": "null"},
            _object(id=_string("ID of os-release."), version=_string("VERSION_ID, empty on rolling releases.")),
        ],
        "description": "The distribution for machines; null when unknown.",
    },
    kernel=_maybe("Kernel release."),
    architecture=_maybe("As `uname -m` says it."),
    sections={
        "type": "object",
        "description": "What is known of each section, by its name.",
        "additionalProperties": _SECTION,
    },
)

_WORKLOAD = _object(
    id=_string("host/name."),
    host=_string("Host it runs on."),
    name=_string("Its name, unique on the host and kept from scan to scan.", pattern="^[a-z0-9._-]+$"),
    kind=_word("A host function belongs to its host and is not moved.", "service", "host function"),
    named_by=_string("Where the name comes from."),
    purpose=_maybe("What a host function is for; null for a service."),
    processes=_array(
        "Its processes by pid.",
        _object(
            pid=_integer("Process id.", 1),
            name=_string("The kernel's short name."),
            executable=_maybe("Path of the executable; null when it could not be read."),
            command=_string("Command line, without secrets."),
            uid=_integer("Effective user id."),
            main=_flag("Whether it is the main process."),
        ),
    ),
    listeners=_array(
        "Sockets it listens on.",
        _object(
            protocol=_word("Transport; the address tells IPv4 from IPv6.", "tcp", "udp", "raw"),
            address=_string("Local address; 0.0.0.0 and :: are all addresses."),
            port=_integer("Port; of a raw socket the IP protocol.", maximum=65535),
            process=_string("Name of the process that holds it."),
        ),
    ),
    packages=_strings("Packages that own its executables."),
    configuration=_strings("Directories and files that configure it or are its code."),
    data=_array(
        "Directories that hold what it must not lose.",
        _object(
            path=_string("The directory."),
            uid=_integer("Owner."),
            gid=_integer("Group."),
            mode=_string("Permissions in octal.", pattern="^[0-7]{4,5}$"),
            evidence=_array("Why it is thought to be data.", _EVIDENCE),
        ),
    ),
    schedules=_array(
        "Jobs of cron that belong to it.",
        _object(
            place=_string("File the job stands in."),
            schedule=_string("The five fields, @daily, or the directory's name."),
            user=_string("Account it runs as."),
            command=_string("Command, without secrets."),
        ),
    ),
    companions=_strings("Ids of workloads of the same host that it cannot live without."),
    verdict=_verdict("Verdict on its best target."),
    score=_SCORE,
    confidence={"type": "number", "minimum": 0, "maximum": 1, "description": "Share of the rules that were decided."},
    reasons=_strings("Why, in plain sentences, the most important first."),
    fits=_array(
        "The same for each target.",
        _object(
            target=_string("Name of the target."),
            verdict=_verdict("Verdict on this target."),
            score=_integer("0 to 100.", maximum=100),
            reasons=_strings("Why."),
        ),
    ),
)

_FINDING = _object(
    rule=_string("Permanent id of the rule.", pattern="^[A-Z]{3}[0-9]{3}$"),
    name=_string("Name of the rule."),
    severity=_word("From worst to mildest.", "blocker", "major", "minor", "info"),
    host=_string("Host it is about."),
    workload=_maybe("Id of the workload; null for the host as a whole."),
    target=_maybe("Target it holds for; null for all."),
    message=_string("What was found, in a sentence."),
    evidence=_array("What that rests on.", _EVIDENCE),
    remedy=_string("What to do."),
)

_UNDETERMINED = _object(
    rule=_string("Permanent id of the rule."),
    name=_string("Name of the rule."),
    host=_maybe("Host; null for a rule about the estate."),
    workload=_maybe("Id of the workload; null for the host as a whole."),
    target=_maybe("Target; null for all."),
    section=_maybe("Section that is missing; null when it is something else."),
    reason=_string("Why it could not be decided."),
    failed=_flag("The rule itself failed, which is a fault of this program."),
)

_PORT = _object(
    workload=_maybe("Id of the workload that binds it; null when its process could not be seen."),
    host=_string("Host."),
    protocol=_word("Transport.", "tcp", "udp"),
    address=_string("Local address."),
    port=_integer("Port.", maximum=65535),
    process=_maybe("Name of the process."),
    set_in=_maybe("Where the number is set: path:line, or words; null for host functions."),
    clients=_strings("Who was connected: ids of workloads, names of hosts, or addresses (fifty at most)."),
    conflict=_flag("Whether other services of the estate want the same port."),
    rivals=_strings("Their ids (twenty at most)."),
    rivals_in_all=_integer("How many there are."),
)
