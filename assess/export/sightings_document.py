"""The samples taken after a scan, as the export and ``assess show`` print them."""

from __future__ import annotations

from typing import Annotated, Any

from assess.export.json_schema import schema_of
from inventory.described import doc
from inventory.formats.fact_json import moment, to_json
from inventory.model.sightings import Sightings
from inventory.observation import Observation, value_or_none

SightingsJson = Annotated[
    Any,
    doc(
        "What samples after the scan observed (`assess scan --every`); null when there were none.",
        schema=schema_of(Sightings | None),
    ),
]
"""The field ``sightings`` of a document."""


def sightings_json(observation: Observation[Sightings]) -> dict[str, Any] | None:
    """The samples of one host; None when it was scanned once."""
    sightings = value_or_none(observation)
    if sightings is None:
        return None
    document: dict[str, Any] = to_json(sightings)
    for each in (document, *document["processes"], *document["connections"]):
        each["first"], each["last"] = moment(each["first"]), moment(each["last"])
    return document
