"""The form of ``assess show --json``: made from the types of the facts, so that it cannot differ from them."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_args, get_origin

from assess.export.json_schema import (
    Schema,
    document_schema,
    flag,
    integer,
    listing,
    maybe,
    moment,
    record,
    text,
    texts,
    word,
)
from assess.export.sightings_document import sightings_json, sightings_schema
from inventory.fact_types import fact_type
from inventory.formats import fact_json
from inventory.formats.fact_json import json_text, observation_json, to_json
from inventory.observation import Origin
from inventory.product_facts import PRODUCT_FACTS
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot

SCHEMA_VERSION = "1.0"

_GAPS = listing("What a found answer lacks.", record(what=text("What was not seen."), reason=text("Why not.")))


def facts_document(snapshot: Snapshot, scan: int, section: str | None = None) -> dict[str, Any]:
    """What ``assess show --json`` prints of a host: all sections and what is computed from them, or one of these."""
    names = (
        [section]
        if section is not None
        else [*snapshot.observations, *(PRODUCT_FACTS if snapshot.observations else ())]
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "scan": scan,
        "host": json_text(snapshot.host),
        "address": json_text(snapshot.address),
        "groups": [json_text(group) for group in snapshot.groups],
        "platform": snapshot.platform,
        "status": snapshot.status,
        "reason": json_text(snapshot.reason) or None,
        "scanned": fact_json.moment(snapshot.taken),
        "user": json_text(snapshot.user) or None,
        "privileged": snapshot.privileged,
        "sections": {name: observation_json(snapshot.facts(name)) for name in names},
        "sightings": None if section is not None else sightings_json(snapshot.sightings),
    }


def facts_schema() -> Schema:
    """The JSON Schema (draft 2020-12) of :func:`facts_document`."""
    sections = {section.name: _section(section.name, section.summary) for section in SECTIONS}
    sections |= {name: _section(name, computed_summary(name)) for name in PRODUCT_FACTS}
    return document_schema(
        "Facts of a host",
        "What `assess show HOST --json` prints: every fact of every section.",
        scan=integer("Number of the scan.", 1),
        host=text("Name in the inventory."),
        address=text("Address or name it is reached by."),
        groups=texts("Groups of the inventory."),
        platform=text("posix, windows, other, or empty when it could not be told."),
        status=word("partial: some section is unknown or has gaps.", "complete", "partial", "unreachable"),
        reason=maybe("Why it is unreachable, or was not asked."),
        scanned=moment("When it was asked, by our clock."),
        user=maybe("Login user of the scan."),
        privileged=flag("Whether the scan ran as root."),
        sections={
            "type": "object",
            "description": "By the name of a section; with SECTION only that one.",
            "properties": sections,
        },
        sightings=sightings_schema(),
    )


def _section(name: str, summary: str) -> Schema:
    return {
        **record(
            status=word("unknown: could not look.", "found", "absent", "unknown"),
            reason=maybe("Why it is absent or unknown."),
            gaps=_GAPS,
            facts={"oneOf": [{"type": "null"}, _type_of(fact_type(name))], "description": "Null unless found."},
        ),
        "description": summary,
    }


def computed_summary(name: str) -> str:
    """What a property of :mod:`inventory.product_facts` says of itself."""
    own = inspect.getattr_static(Snapshot, name)
    return " ".join((own.func.__doc__ or "").split())


def _type_of(kind: Any) -> Schema:
    simple: Mapping[Any, Schema] = {
        str: {"type": "string"},
        int: {"type": "integer"},
        float: {"type": "number"},
        bool: {"type": "boolean"},
        bytes: {"type": "string"},
        type(None): {"type": "null"},
        Origin: {"type": "string", "description": "Where it was read: section/part:line."},
        Any: {},
    }
    if kind in simple:
        return dict(simple[kind])
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is tuple:
        each = arguments[:1] if arguments[1:] == (...,) else arguments
        alike = [_type_of(one) for one in dict.fromkeys(each)]
        return {"type": "array", "items": alike[0] if len(alike) == 1 else {"anyOf": alike}}
    if origin in (typing.Union, types.UnionType):
        return _one_of([_type_of(one) for one in arguments])
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is not None and issubclass(origin, frozenset | set):
        return {"type": "array", "items": _type_of(arguments[0])}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _type_of(arguments[1])}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [to_json(one) for one in kind]}
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        fields = {field.name: _type_of(hints[field.name]) for field in dataclasses.fields(kind)}
        return {**record(**fields), "description": " ".join((kind.__doc__ or "").split())}
    return {}


def _one_of(kinds: list[Schema]) -> Schema:
    """``str | None`` is a list of types; what holds a record is a choice."""
    if all(set(kind) == {"type"} and isinstance(kind["type"], str) for kind in kinds):
        return {"type": [kind["type"] for kind in kinds]}
    return {"anyOf": kinds}
