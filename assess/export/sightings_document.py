"""The samples taken after a scan, as the export and ``assess show`` print them."""

from __future__ import annotations

from typing import Any

from assess.export import json_schema
from assess.export.json_schema import Schema, flag, integer, listing, maybe, number, record, text, texts
from inventory.formats.fact_json import moment, to_json
from inventory.model.sightings import Sightings
from inventory.observation import Observation, value_or_none


def sightings_json(observation: Observation[Sightings]) -> dict[str, Any] | None:
    """The looks at one host; None when it was looked at once."""
    sightings = value_or_none(observation)
    if sightings is None:
        return None
    document: dict[str, Any] = to_json(sightings)
    for each in (document, *document["processes"], *document["connections"]):
        each["first"], each["last"] = moment(each["first"]), moment(each["last"])
    return document


def sightings_schema() -> Schema:
    """The form of :func:`sightings_json`."""
    seen = {
        "first": json_schema.moment("The first look that saw it."),
        "last": json_schema.moment("The last one."),
        "times": integer("How many looks did.", 1),
    }
    process = record(
        name=text("Name of the process."),
        executable=maybe("Its program; null when it could not be seen."),
        arguments=texts("Those of the first process of this kind; digits in them do not tell two kinds apart."),
        uid=integer("Owner.", -1),
        unit=maybe("Its systemd unit."),
        peak_rss_bytes=integer("The most memory that any one of them had."),
        cpu_seconds=number("The most CPU time that any one of them had used."),
        **seen,
    )
    connection = record(
        protocol=text("tcp, tcp6, udp, udp6."),
        local_address=text("Address on this host."),
        local_port=integer("Port on this host; 0 at the client's end.", maximum=65535),
        remote_address=text("Address of the peer."),
        remote_port=integer("Port of the peer; 0 at the client's end.", maximum=65535),
        inbound=flag("Whether the peer is the client."),
        uid=integer("Owner of the socket.", -1),
        program=text("The program that held it; empty when it could not be seen."),
        **seen,
    )
    looks = record(
        looks=integer("How many looks there were.", 1),
        first=json_schema.moment("The first look."),
        last=json_schema.moment("The last one."),
        left_out=integer("Sightings that found no room any more."),
        processes=listing("Programs that ran at any look.", process),
        connections=listing("Pairs of peers that were connected at any look.", connection),
    )
    return {
        "oneOf": [{"type": "null"}, looks],
        "description": "What looks after the scan have seen (`assess scan --every`); null when there were none.",
    }
