"""Pages and JSON Schemas of the documents that commands print for programs, and of brownfield.yaml."""

from __future__ import annotations

import json
from pathlib import Path

from assess.export.export_schema import SCHEMA_VERSION, schema
from assess.export.facts_schema import facts_schema
from assess.export.json_schema import Schema, document_schema, field_table
from assess.policy.policy_schema import policy_schema
from containerize.commands.build_json import BUILD_VERSION, Builds, Reasons
from containerize.commands.push_json import PUSH_VERSION, Push
from containerize.commands.rebase_json import REBASE_VERSION, Rebase
from containerize.pilot.result_json import PILOT_VERSION, Pilots
from docs.generator import MARK
from reports.forms.diff_schema import ScanDifference, VersionDifference

BUILD = document_schema(Builds, "Builds")
REASONS = document_schema(Reasons, "Reasons")
PILOT = document_schema(Pilots, "Pilots")
PUSH = document_schema(Push, "Push")
REBASE = document_schema(Rebase, "Rebase")


_ERRORS = "A command that can do nothing at all prints [an error](../howto/reports.md#for-programs)."


def pages() -> dict[Path, str]:
    """Return the pages and schemas by their path below docs/reference."""
    schemas: dict[str, Schema] = {
        "schema": schema(),
        "schema-facts": facts_schema(),
        "schema-diff": document_schema(ScanDifference, "Difference of two scans"),
        "schema-reparse": document_schema(VersionDifference, "Difference of two versions"),
        "schema-build": BUILD,
        "schema-pilot": PILOT,
        "schema-push": PUSH,
        "schema-rebase": REBASE,
    }
    made = {Path(f"{name}.json"): _to_json(each) for name, each in schemas.items()}
    made[Path("judgement.schema.json")] = _to_json(policy_schema())
    for name, (title, words, more) in _PAGES.items():
        made[Path(f"{name}.md")] = _page(name, title or schemas[name]["title"], words, schemas[name]) + more
    return made


_PAGES: dict[str, tuple[str, str, str]] = {
    "schema": (
        "The export",
        f"`assess export --json` prints it, in version {SCHEMA_VERSION}. `assess scan --json` prints [two members "
        "more](../howto/reports.md#for-programs).",
        "",
    ),
    "schema-facts": ("", "`assess show HOST --json` prints it.", ""),
    "schema-diff": ("", "`assess diff --json` prints it.", ""),
    "schema-reparse": ("", "`assess reparse --json` prints it.", ""),
    "schema-build": (
        "The result of a build",
        f"`assess build --json` and `assess rebuild --json` print it, in version {BUILD_VERSION}. {_ERRORS}\n\n"
        "Exit status: 0 all was built; 1 some was; 2 wrong usage; 3 nothing was.",
        f"\n## Why a file is in an image\n\n`assess why HOST/WORKLOAD PATH --json` prints:\n\n{field_table(REASONS)}\n",
    ),
    "schema-pilot": (
        "The result of a pilot",
        f"`assess pilot --json` prints it, in version {PILOT_VERSION}. {_ERRORS}\n\n"
        "Exit status: 0 all passed; 1 a check failed or could not decide; 2 wrong usage; 3 nothing could be done.",
        "",
    ),
    "schema-push": (
        "The result of a push",
        f"`assess push --json` prints it, in version {PUSH_VERSION}. {_ERRORS}\n\n"
        "Exit status: 0 done; 2 wrong usage; 3 nothing could be done.",
        "",
    ),
    "schema-rebase": (
        "The result of a rebase",
        f"`assess rebase --from … --json` prints it, in version {REBASE_VERSION}. {_ERRORS} `--back --json` prints the "
        "members `workload`, `before` and `digest`; `--packages --json` prints `packages`, a list of names.\n\n"
        "Exit status: 0 done; 1 the pilot did worse, or did not pass; 2 wrong usage; 3 nothing could be done.",
        "",
    ),
}
"""Title ("": that of the schema), text above the table and text below it, by the name of the page."""


def _page(name: str, title: str, words: str, document: Schema) -> str:
    return (
        f"{MARK}# {title}\n\n{words}\n\n"
        "Within a major version fields are only added, so readers must ignore fields that they do not know. For\n"
        f"programs there is [{name}.json]({name}.json).\n\n{field_table(document)}\n"
    )


def _to_json(document: Schema) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
