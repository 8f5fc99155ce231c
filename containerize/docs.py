"""Pages that are made from the code: the schemas of what the commands of this package print, and what images leave
out.
"""

from __future__ import annotations

import json
from pathlib import Path

from assess.json_schema import Schema, field_table
from containerize.left_out_page import left_out_page
from containerize.schemas import BUILD_VERSION, PILOT_VERSION, build_schema, pilot_schema, reasons_schema

_MADE = "<!-- Made by docs/generate.py; edit the code it describes instead. -->\n"
_PROMISE = (
    "Within a major version fields are only added, so readers must ignore what they do not know. For programs there\n"
    "is "
)


def pages() -> dict[Path, str]:
    """All pages: path below docs/, text."""
    return {
        Path("left-out.md"): left_out_page(_MADE),
        Path("schema-build.json"): _to_json(build_schema()),
        Path("schema-build.md"): _build_page(),
        Path("schema-pilot.json"): _to_json(pilot_schema()),
        Path("schema-pilot.md"): _pilot_page(),
    }


def _build_page() -> str:
    return (
        f"{_MADE}# The result of a build\n\n"
        f"`assess build --json` prints one JSON object in version {BUILD_VERSION} of this form.\n"
        f"{_PROMISE}[schema-build.json](schema-build.json). The export has [a schema of its own](schema.md), and a\n"
        "command that can do nothing at all prints [an error](reports.md#for-programs).\n\n"
        "Exit status: 0 all was built; 1 some was; 2 wrong usage; 3 nothing was.\n\n"
        f"{field_table(build_schema())}\n\n"
        "## Why a file is in an image\n\n"
        "`assess build HOST/WORKLOAD --why PATH --json` prints:\n\n"
        f"{field_table(reasons_schema())}\n"
    )


def _pilot_page() -> str:
    return (
        f"{_MADE}# The result of a pilot\n\n"
        f"`assess pilot --json` prints one JSON object in version {PILOT_VERSION} of this form.\n"
        f"{_PROMISE}[schema-pilot.json](schema-pilot.json). The export has [a schema of its own](schema.md), and a\n"
        "command that can do nothing at all prints [an error](reports.md#for-programs).\n\n"
        "Exit status: 0 all passed; 1 a check failed or could not decide; 2 wrong usage; 3 nothing could be done.\n\n"
        f"{field_table(pilot_schema())}\n"
    )


def _to_json(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
