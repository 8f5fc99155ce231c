"""Pages that are made from the forms of what these commands print for programs."""

from __future__ import annotations

import json
from pathlib import Path

from assess.export.facts_schema import facts_schema
from assess.export.json_schema import Schema, document_schema, field_table
from reports.forms.diff_schema import ScanDifference, VersionDifference

_MADE = "<!-- Made by docs/generate.py; edit the code it describes instead. -->\n"


def pages() -> dict[Path, str]:
    """All pages: path below docs/, text."""
    made: dict[Path, str] = {}
    for name, command, schema in (
        ("facts", "assess show HOST --json", facts_schema()),
        ("diff", "assess diff --json", document_schema(ScanDifference, "Difference of two scans")),
        ("reparse", "assess reparse --json", document_schema(VersionDifference, "Difference of two versions")),
    ):
        made[Path(f"schema-{name}.json")] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        made[Path(f"schema-{name}.md")] = _page(f"schema-{name}.json", command, schema)
    return made


def _page(file: str, command: str, schema: Schema) -> str:
    return (
        f"{_MADE}# {schema['title']}\n\n"
        f"`{command}` prints one JSON object of this form. Within a major version fields are only added, so readers\n"
        f"must ignore what they do not know. For programs there is [{file}]({file}).\n\n"
        f"{field_table(schema)}\n"
    )
