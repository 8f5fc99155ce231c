"""The forms of what ``assess build --json`` and ``assess pilot --json`` print, from which ``docs/schema-*`` are made.

Within one major version fields are only added, so readers must ignore what they do not know.
"""

from __future__ import annotations

from assess.export.json_schema import Schema, document_schema, flag, integer, listing, number, record, text, word
from containerize.grants.grant_names import OPTIONS

BUILD_VERSION = "1.2"
PILOT_VERSION = "1.1"

DIGEST = r"^sha256:[0-9a-f]{64}$"
WORKLOAD = text("host/name of the workload.")


def build_schema() -> Schema:
    """The JSON Schema of what ``assess build --json`` prints."""
    document = document_schema(
        "Builds",
        "What `assess build --json` prints: the images that were made, and what could not be built.",
        builds=listing(
            "The images that were made, in the order in which they were asked for. Empty with `--dry-run`.",
            record(
                workload=WORKLOAD,
                image=text("Name of the image, with its tag."),
                layout=text("Path of the folder with the OCI image layout."),
                digest=text("Digest of the image's manifest; the same input gives the same digest.", pattern=DIGEST),
                size=integer("Bytes of its layers, uncompressed."),
                compressed_size=integer("Bytes of its layers as they are stored."),
                files=integer("Number of files and links in it; directories are not counted."),
                fetched=integer("Bytes that were copied from the host; what was copied before is not copied again."),
                written=listing(
                    "The files beside the image.",
                    record(
                        emitter=text("What wrote it, as `--emit` calls it."),
                        path=text("Path relative to the folder of the build."),
                    ),
                ),
                mode=word("Where it comes from: the host's files, or its Containerfile.", "lift", "rebuild"),
                level=word("How much is inside.", "complete", "lean", "observed"),
                left_out=listing(
                    "What the level leaves out of a complete image.",
                    record(
                        name=text("Name of the group of files."),
                        reason=text("Why they are left out."),
                        files=integer("Number of files and links."),
                        size=integer("Their bytes, uncompressed."),
                    ),
                ),
                remarks=listing(
                    "What people should know of the pilots of an observed image, or of how it was rebuilt.",
                    text("A sentence."),
                ),
            ),
        ),
        recipes=listing(
            "With `assess rebuild`: the Containerfiles that were written, also those of which no image was made.",
            record(
                workload=WORKLOAD,
                path=text("Path of the Containerfile; its folder is what it is built in."),
                base=text("Name of the base image."),
                packages=listing(
                    "Packages that are named, as the package manager is asked for them.", text("Package.")
                ),
                files=integer("Number of files that are copied."),
                removals=integer("Number of paths that are removed."),
                compared=flag("Whether it was compared with what the base and the packages bring."),
                built=flag("Whether an image was made of it."),
            ),
        ),
        failed=listing(
            "What could not be built.", record(workload=WORKLOAD, reason=text("Why, and what to do, in a sentence."))
        ),
    )
    plans = listing(
        "Only with `--dry-run`: what would be built, in the form of `plan.json` in the folder of a build.",
        record(schema=text("Form of the plan."), workload=WORKLOAD, image=text("Name that the image would have.")),
    )
    return {**document, "properties": {**document["properties"], "plans": plans}}


def reasons_schema() -> Schema:
    """The JSON Schema of what ``assess why PATH --json`` prints."""
    return document_schema(
        "Reasons",
        "What `assess why PATH --json` prints: why a path is in the images, or why it is not.",
        reasons=listing(
            "One for each workload.",
            record(
                workload=WORKLOAD,
                path=text("The path, with the links of its directories followed as they are in the image."),
                inside=flag("Whether it is in the image."),
                reason=text("Why."),
                also=listing("What else asks for it.", text("Why.")),
            ),
        ),
    )


def pilot_schema() -> Schema:
    """The JSON Schema of what ``assess pilot --json`` prints, and of ``pilot.json`` in the folder of a build."""
    document = document_schema(
        "Pilots",
        "What `assess pilot --json` prints: for each workload the checks of its copy against the live service.",
        pilots=listing(
            "One for each workload, in the order in which they were asked for.",
            record(
                workload=WORKLOAD,
                runtime=word("What ran the containers.", "docker", "podman", "oci"),
                verdict=verdict("A failed check makes it fail, else one that could not decide makes it inconclusive."),
                image=text("Name of the image."),
                digest=text("Digest of the image's manifest.", pattern=DIGEST),
                started=number("When, by our clock, in seconds since 1970-01-01 UTC."),
                seconds=number("How long the pilot took, together with the other workloads in it."),
                checks=listing(
                    "The checks in the order in which they were made.",
                    record(
                        name=text("Name of the check, with what it looked at (`port tcp/80`)."),
                        verdict=verdict("inconclusive: it could not decide, and `actual` says why."),
                        expected=text("What the inventory or the live service says."),
                        actual=text("What the copy says. Values of secrets are masked, as everywhere in here."),
                        detail=text("More lines: pages one by one, differences, the last words of a copy that ended."),
                    ),
                ),
                read_only_passed=text("Digest of the image that last passed with `--read-only-root`; empty for none."),
                notes=listing("What could not be done as it was asked.", text("A sentence.")),
                **_security(),
            ),
        ),
    )
    planned = listing(
        "Only with `--dry-run`: what would be started.",
        record(
            workload=WORKLOAD,
            image=text("Name of the image."),
            digest=text("Digest of the image's manifest.", pattern=DIGEST),
            arguments=listing("How it is started.", text("An argument.")),
            user=text("`uid:gid` that it is started with."),
            **_security(),
        ),
    )
    return {**document, "properties": {**document["properties"], "planned": planned}}


def _security() -> dict[str, Schema]:
    """Needs, grants and limits of a container."""
    kinds = tuple(OPTIONS)
    return {
        "needs": listing(
            "What the workload would need beyond a plain container. It gets what is allowed, and nothing else.",
            record(
                kind=word("What it is.", *kinds),
                name=text("Path of the device, name of the capability, address and port, or `setuid`."),
                reason=text("What shows it."),
                option=text("The option that allows it."),
                allowed=flag("Whether a grant was in force."),
            ),
        ),
        "grants": listing(
            "What a person allowed, in force when the pilot ran.",
            record(
                kind=word("What it is.", *kinds),
                name=text("As in `needs`; `access logs` for logged paths."),
                by=text("Login name of who allowed it."),
                reason=text("Why; empty when no reason was given."),
                granted=text("Day in UTC, as 2026-12-31."),
                until=text("Last day on which it holds, in UTC."),
            ),
        ),
        "limits": {
            "description": "The limits of the container.",
            **record(
                memory_bytes=integer("Bytes of memory and swap together; 0 is unlimited."),
                pids=integer("Processes and threads; 0 is unlimited."),
                cpus=number("Processors; 0 is unlimited."),
                basis=listing("What the limits rest on.", text("A sentence.")),
            ),
        },
        "read_only_root": flag("Whether the root file system was read-only."),
    }


def verdict(description: str) -> Schema:
    """The verdict of a check or of a pilot."""
    return word(description, "pass", "fail", "inconclusive")
