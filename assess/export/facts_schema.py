"""The document of ``assess show --json``: made from the types of the facts, so that it cannot differ from them."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Literal

import msgspec

from assess.export.export_schema import ExportedGap, Status
from assess.export.json_schema import Moment, Schema, Version, document_schema, schema_of
from assess.export.sightings_document import SightingsJson, sightings_json
from inventory.described import doc
from inventory.fact_types import fact_type
from inventory.formats.fact_json import moment, observation_json
from inventory.product_facts import PRODUCT_FACTS
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot

SCHEMA_VERSION = "1.0"


class HostFactsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Every fact of every section, as printed by `assess show HOST --json`."""

    schema_version: Version = SCHEMA_VERSION
    scan: Annotated[int, doc("Number of the scan.", ge=1)]
    host: Annotated[str, doc("Name in the inventory.")]
    address: Annotated[str, doc("Address or name used to reach it.")]
    groups: Annotated[tuple[str, ...], doc("Groups of the inventory.")]
    platform: Annotated[str, doc("posix, windows, other, or empty when it could not be determined.")]
    status: Annotated[Status, doc("partial: some section is unknown or has gaps.")]
    reason: Annotated[str | None, doc("Why it is unreachable, or was not asked.")]
    scanned: Annotated[Moment, doc("Time of the scan, by our clock.")]
    user: Annotated[str | None, doc("Login user of the scan.")]
    privileged: Annotated[bool, doc("Whether the scan ran as root.")]
    sections: Annotated[dict[str, Any], doc("By the name of a section; with SECTION only that one.")]
    sightings: SightingsJson


class _SectionDocument(msgspec.Struct):
    status: Annotated[Literal["found", "absent", "unknown"], doc("unknown: could not look.")]
    reason: Annotated[str | None, doc("Why it is absent or unknown.")]
    gaps: Annotated[list[ExportedGap], doc("What is missing from a found answer.")]
    facts: Annotated[Any, doc("Null unless found.")]


def facts_document(snapshot: Snapshot, scan: int, section: str | None = None) -> HostFactsDocument:
    """All sections of a host and what is computed from them, or one of these."""
    names = (
        [section]
        if section is not None
        else [*snapshot.observations, *(PRODUCT_FACTS if snapshot.observations else ())]
    )
    return HostFactsDocument(
        scan=scan,
        host=snapshot.host,
        address=snapshot.address,
        groups=snapshot.groups,
        platform=str(snapshot.platform),
        status=snapshot.status,
        reason=snapshot.reason or None,
        scanned=moment(snapshot.taken),
        user=snapshot.user or None,
        privileged=snapshot.privileged,
        sections={name: observation_json(snapshot.facts(name)) for name in names},
        sightings=None if section is not None else sightings_json(snapshot.sightings),
    )


def facts_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of :func:`facts_document`."""
    summaries = {section.name: section.summary for section in SECTIONS}
    summaries |= {name: computed_summary(name) for name in PRODUCT_FACTS}
    schema = document_schema(HostFactsDocument, "Facts of a host")
    sections = {name: _section(name, summary) for name, summary in summaries.items()}
    schema["properties"]["sections"]["properties"] = sections
    return schema


def _section(name: str, summary: str) -> Schema:
    schema = schema_of(_SectionDocument)
    schema["properties"]["facts"]["oneOf"] = [{"type": "null"}, schema_of(fact_type(name))]
    return {**schema, "description": summary}


def computed_summary(name: str) -> str:
    """The docstring of a property of :mod:`inventory.product_facts`."""
    own = inspect.getattr_static(Snapshot, name)
    return " ".join((own.func.__doc__ or "").split())
