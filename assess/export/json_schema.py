"""The words of a JSON Schema with a description of every field, and the table of its fields for people.

All documents that are printed for programs keep one promise: ``schema_version`` is major.minor, and within a major
version fields are only added, so readers must ignore what they do not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]

VERSION_PATTERN = r"^1\.\d+$"


def document_schema(title: str, description: str, **properties: Schema) -> Schema:
    """The JSON Schema (draft 2020-12) of a document of major version 1 with these fields behind ``schema_version``."""
    version = text("Version of this schema: major.minor.", pattern=VERSION_PATTERN)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": description,
        **record(schema_version=version, **properties),
    }


def record(**properties: Schema) -> Schema:
    """An object with these fields at least: a newer minor version adds some, and an older schema must accept them."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def listing(description: str, items: Schema) -> Schema:
    """A list of what ``items`` says."""
    return {"type": "array", "description": description, "items": items}


def text(description: str, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", "description": description, **more}


def texts(description: str) -> Schema:
    """A list of strings."""
    return listing(description, {"type": "string"})


def maybe(description: str) -> Schema:
    """A string or null."""
    return {"type": ["string", "null"], "description": description}


def word(description: str, *words: str) -> Schema:
    """One of these strings."""
    return {"type": "string", "enum": list(words), "description": description}


def integer(description: str, minimum: int = 0, **more: Any) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": minimum, "description": description, **more}


def number(description: str) -> Schema:
    """A number that is not negative."""
    return {"type": "number", "minimum": 0, "description": description}


def flag(description: str) -> Schema:
    """True or false."""
    return {"type": "boolean", "description": description}


def moment(description: str) -> Schema:
    """A time as ISO 8601 writes it."""
    return text(description, format="date-time")


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
