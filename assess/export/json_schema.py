"""The JSON Schema of a typed document with a description of every field, and the table of its fields for people.

All documents that are printed for programs keep one promise: ``schema_version`` is major.minor, and within a major
version fields are only added, so readers must ignore what they do not know.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Annotated, Any, get_args, get_origin

import msgspec

from inventory.formats.fact_json import to_json
from inventory.observation import Origin

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"

VERSION_PATTERN = r"^1\.\d+$"


Version = Annotated[str, msgspec.Meta(pattern=VERSION_PATTERN, description="Version of this schema: major.minor.")]
"""The field ``schema_version`` of a document."""

Moment = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
"""A time as ISO 8601 writes it."""

Count = Annotated[int, msgspec.Meta(ge=0)]
"""A whole number that is not negative."""

Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]
"""A port."""

Amount = Annotated[float, msgspec.Meta(ge=0)]
"""A number that is not negative."""

_SIMPLE: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
    Origin: {"type": "string", "description": "Where it was read: section/part:line."},
    Any: {},
}
_CONSTRAINTS = {"description": "description", "pattern": "pattern", "ge": "minimum", "le": "maximum"}


def document_schema(kind: type[msgspec.Struct], title: str) -> Schema:
    """The JSON Schema (draft 2020-12) of a document; the docstring of its type is the description."""
    return {"$schema": DRAFT, "title": title, **schema_of(kind)}


def schema_of(kind: Any) -> Schema:
    """The JSON Schema of a type as it is written: its fields with the descriptions of their ``Meta``.

    The schema that msgspec generates does not fit: it sorts the words of an enumeration, whose order has a meaning,
    cannot state that a field with a default is always written, and rejects some types of facts.
    """
    if kind in _SIMPLE:
        return dict(_SIMPLE[kind])
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        schema = schema_of(arguments[0])
        for meta in arguments[1:]:
            schema |= _constraints(meta, schema)
        return schema
    if origin is tuple:
        each = arguments[:1] if arguments[1:] == (...,) else arguments
        alike = [schema_of(one) for one in dict.fromkeys(each)]
        return {"type": "array", "items": alike[0] if len(alike) == 1 else {"anyOf": alike}}
    if origin in (typing.Union, types.UnionType):
        return _one_of([schema_of(one) for one in arguments if one is not msgspec.UnsetType])
    if origin is typing.Literal:
        return _words(arguments)
    if origin is not None and issubclass(origin, Mapping):
        values = schema_of(arguments[1])
        return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
    if origin is not None and issubclass(origin, Iterable):
        return {"type": "array", "items": schema_of(arguments[0])}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _words([to_json(one) for one in kind])
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind, include_extras=True)
        names = [field.name for field in dataclasses.fields(kind)]
        properties = {name: schema_of(hints[name]) for name in names}
        return {"type": "object", "properties": properties, "required": names, **_described(kind)}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {**_record(kind), **_described(kind)}
    return {}


def _record(kind: type[msgspec.Struct]) -> Schema:
    """Describe a record. Written records have every field, except those that may be unset. Records that are read may
    lack fields with a default, and have no others.
    """
    fields = msgspec.structs.fields(kind)
    written = not kind.__struct_config__.forbid_unknown_fields
    schema: Schema = {
        "type": "object",
        "properties": {field.encode_name: schema_of(field.type) for field in fields},
        "required": [
            field.encode_name
            for field in fields
            if (msgspec.UnsetType not in get_args(field.type) if written else field.required)
        ],
    }
    return schema if written else {**schema, "additionalProperties": False}


def _described(kind: Any) -> Schema:
    words = " ".join((kind.__doc__ or "").split())
    return {"description": words} if words else {}


def _constraints(meta: msgspec.Meta, schema: Schema) -> Schema:
    of = "Items" if schema.get("type") == "array" else "Length"
    named = {**_CONSTRAINTS, "min_length": f"min{of}", "max_length": f"max{of}"}
    made = {name: value for key, name in named.items() if (value := getattr(meta, key)) is not None}
    return made | (meta.extra_json_schema or {})


def _words(words: Sequence[Any]) -> Schema:
    text: Schema = {"type": "string"} if all(isinstance(word, str) for word in words) else {}
    return {**text, "enum": list(words)}


def _one_of(kinds: list[Schema]) -> Schema:
    """``str | None`` is a list of types; what holds a record is a choice."""
    if len(kinds) == 1:
        return kinds[0]
    if len(kinds) == 2 and {"type": "null"} in kinds:
        kind = next(each for each in kinds if each != {"type": "null"})
        if "enum" in kind:
            return {"enum": [None, *kind["enum"]]}
        if kind.get("type") == "object" and "properties" in kind:
            return {"oneOf": [{"type": "null"}, kind]}
        return {**kind, "type": [kind["type"], "null"]}
    if all(set(kind) == {"type"} and isinstance(kind["type"], str) for kind in kinds):
        return {"type": [kind["type"] for kind in kinds]}
    return {"anyOf": kinds}


def field_table(document: Mapping[str, Any]) -> str:
    """Every field with its path, type and meaning, as a table of Markdown."""
    rows = [f"| `{path}` | {kind} | {meaning} |" for path, kind, meaning in _fields("", document)]
    return "\n".join(["| field | type | meaning |", "|---|---|---|", *rows])


def _fields(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name, field in node.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, _kind(field), field.get("description", "")
        yield from _below(path, field)


def _below(path: str, field: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield from _fields(path + ".", field)
    if field.get("type") == "array":
        yield from _fields(path + "[].", field.get("items", {}))
    if "additionalProperties" in field:
        yield from _fields(path + ".*.", field["additionalProperties"])
    for choice in field.get("oneOf", ()):
        yield from _fields(path + ".", choice)


def _kind(field: Mapping[str, Any]) -> str:
    if "enum" in field:
        return " or ".join("null" if word is None else f"`{word}`" for word in field["enum"])
    kind = field.get("type", "object or null" if "oneOf" in field else "any")
    if kind == "array":
        items = field["items"].get("type")
        return f"list of {items}s" if isinstance(items, str) else "list"
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
