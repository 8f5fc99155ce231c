"""Descriptions of the fields of a document, from which its schema and its reference page are made."""

from __future__ import annotations

from typing import Any

from msgspec import Meta


def doc(description: str, *, schema: dict[str, Any] | None = None, **constraints: Any) -> Meta:
    """The description of a field, for ``Annotated``. ``constraints`` are those of :class:`msgspec.Meta`, which are
    checked where the document is read; ``schema`` are more members of its JSON Schema, which nothing checks.
    """
    return Meta(description=description, extra_json_schema=schema, **constraints)
