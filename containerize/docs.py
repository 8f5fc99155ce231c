"""Pages that are made from the code: the schemas of what the commands of this package print, and what images leave
out.
"""

from __future__ import annotations

import json
from pathlib import Path

from assess.export.json_schema import Schema, document_schema, field_table
from containerize.commands.build_json import BUILD_VERSION, Builds, Reasons
from containerize.commands.push_json import PUSH_VERSION, Push
from containerize.commands.rebase_json import REBASE_VERSION, Rebase
from containerize.left_out_page import left_out_page
from containerize.pilot.result_json import PILOT_VERSION, Pilots

BUILD = document_schema(Builds, "Builds")
REASONS = document_schema(Reasons, "Reasons")
PILOT = document_schema(Pilots, "Pilots")
PUSH = document_schema(Push, "Push")
REBASE = document_schema(Rebase, "Rebase")

_MADE = "<!-- Made by docs/generate.py; edit the code it describes instead. -->\n"
_PROMISE = (
    "Within a major version fields are only added, so readers must ignore what they do not know. For programs there\n"
    "is "
)


def pages() -> dict[Path, str]:
    """All pages: path below docs/, text."""
    return {
        Path("left-out.md"): left_out_page(_MADE),
        Path("schema-build.json"): _to_json(BUILD),
        Path("schema-build.md"): _build_page(),
        Path("schema-pilot.json"): _to_json(PILOT),
        Path("schema-pilot.md"): _pilot_page(),
        Path("schema-push.json"): _to_json(PUSH),
        Path("schema-push.md"): _push_page(),
        Path("schema-rebase.json"): _to_json(REBASE),
        Path("schema-rebase.md"): _rebase_page(),
    }


def _build_page() -> str:
    return (
        f"{_MADE}# The result of a build\n\n"
        f"`assess build --json` prints one JSON object in version {BUILD_VERSION} of this form.\n"
        f"{_PROMISE}[schema-build.json](schema-build.json). The export has [a schema of its own](schema.md), and a\n"
        "command that can do nothing at all prints [an error](reports.md#for-programs).\n\n"
        "Exit status: 0 all was built; 1 some was; 2 wrong usage; 3 nothing was.\n\n"
        f"{field_table(BUILD)}\n\n"
        "## Why a file is in an image\n\n"
        "`assess why HOST/WORKLOAD PATH --json` prints:\n\n"
        f"{field_table(REASONS)}\n"
    )


def _pilot_page() -> str:
    return (
        f"{_MADE}# The result of a pilot\n\n"
        f"`assess pilot --json` prints one JSON object in version {PILOT_VERSION} of this form.\n"
        f"{_PROMISE}[schema-pilot.json](schema-pilot.json). The export has [a schema of its own](schema.md), and a\n"
        "command that can do nothing at all prints [an error](reports.md#for-programs).\n\n"
        "Exit status: 0 all passed; 1 a check failed or could not decide; 2 wrong usage; 3 nothing could be done.\n\n"
        f"{field_table(PILOT)}\n"
    )


def _push_page() -> str:
    return (
        f"{_MADE}# The result of a push\n\n"
        f"`assess push --json` prints one JSON object in version {PUSH_VERSION} of this form.\n"
        f"{_PROMISE}[schema-push.json](schema-push.json). The export has [a schema of its own](schema.md), and a\n"
        "command that can do nothing at all prints [an error](reports.md#for-programs).\n\n"
        "Exit status: 0 done; 2 wrong usage; 3 nothing could be done.\n\n"
        f"{field_table(PUSH)}\n"
    )


def _rebase_page() -> str:
    return (
        f"{_MADE}# The result of a rebase\n\n"
        f"`assess rebase --from … --json` prints one JSON object in version {REBASE_VERSION} of this form.\n"
        f"{_PROMISE}[schema-rebase.json](schema-rebase.json). The export has [a schema of its own](schema.md), and a\n"
        "command that can do nothing at all prints [an error](reports.md#for-programs). `--back --json` prints the\n"
        "members `workload`, `before` and `digest`; `--packages --json` prints `packages`, a list of names.\n\n"
        "Exit status: 0 done; 1 the pilot did worse, or did not pass; 2 wrong usage; 3 nothing could be done.\n\n"
        f"{field_table(REBASE)}\n"
    )


def _to_json(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
