"""The forms of ``assess diff --json`` and ``assess reparse --json``."""

from __future__ import annotations

from typing import Any

from assess.export.json_schema import (
    Schema,
    document_schema,
    integer,
    listing,
    maybe,
    moment,
    record,
    text,
    texts,
    word,
)
from inventory.formats import fact_json
from inventory.store.scan_records import Scan

SCHEMA_VERSION = "1.0"

_SCAN = record(
    id=integer("Its number.", 1),
    started=moment("When it began, UTC."),
    inventory=text("The hosts file."),
)

_FACT = record(
    section=text("Section of the fact."),
    kind=text("What it is in words, e.g. `package`; empty from reparse, where the key begins with it."),
    key=text("What tells it from others of its kind."),
    change=word("What became of it.", "added", "removed", "changed"),
    fields=listing(
        "What of a changed one differs; empty from reparse, which knows only that it does.",
        record(name=text("Name of the field."), old={"description": "As it was."}, new={"description": "As it is."}),
    ),
)

_STATUS = {"type": "string", "enum": ["found", "absent", "unknown"]}

_HOST = record(
    host=text("Name in the inventory."),
    status=record(old=text("complete, partial or unreachable; empty from reparse."), new=text("The same.")),
    sections=listing(
        "Sections that one look could read and the other could not.",
        record(section=text("Its name."), old=_STATUS, new=_STATUS, reason=maybe("Why it cannot be read now.")),
    ),
    facts=listing("Facts that differ, in sections that both could read.", _FACT),
)

_VERDICT: Schema = {
    "oneOf": [{"type": "null"}, record(verdict=text("The verdict."), score=integer("0 to 100.", maximum=100))],
    "description": "Null where there was no such workload.",
}

_JUDGEMENTS = {
    "verdicts": listing(
        "Workloads that came, went, or are judged otherwise.",
        record(workload=text("Its id."), old=_VERDICT, new=_VERDICT),
    ),
    "findings": listing(
        "Findings that came, went, or are of another severity.",
        record(
            rule=text("Id of the rule."),
            name=text("Its name."),
            subject=text("Workload, or host."),
            target=maybe("Target it is about; null for all."),
            message=text("The finding."),
            change=word("What became of it.", "added", "removed", "changed"),
            severity=record(old=maybe("As it was."), new=maybe("As it is.")),
        ),
    ),
}


def scan_json(scan: Scan) -> dict[str, Any]:
    """The identity of a scan."""
    return {
        "id": scan.id,
        "started": fact_json.moment(scan.started),
        "inventory": fact_json.json_text(scan.inventory),
    }


def diff_schema() -> Schema:
    """The JSON Schema of what ``assess diff --json`` prints."""
    return document_schema(
        "Difference of two scans",
        "What `assess diff --json` prints.",
        old={**_SCAN, "description": "The earlier scan."},
        new={**_SCAN, "description": "The later scan."},
        hosts_added=texts("Hosts of the later scan only."),
        hosts_removed=texts("Hosts of the earlier scan only."),
        hosts=listing("Hosts of both on which something differs.", _HOST),
        **_JUDGEMENTS,
    )


def reparse_schema() -> Schema:
    """The JSON Schema of what ``assess reparse --json`` prints."""
    return document_schema(
        "Difference of two versions",
        "What `assess reparse --json` prints: what this version makes of the recordings that an earlier one read.",
        program=text("This version."),
        scans=listing(
            "Every scan that was read again.",
            record(
                scan=_SCAN,
                program=maybe("The version that read it before; null when nothing was kept."),
                hosts=listing("Hosts of which this version reads something else.", _HOST),
                **_JUDGEMENTS,
            ),
        ),
    )
