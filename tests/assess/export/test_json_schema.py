"""Schemas are made from the types of documents."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import jsonschema
import msgspec
import pytest
from msgspec import UNSET, UnsetType

from assess.export.json_schema import Count, document_schema, field_table, schema_of
from assess.export.json_stream import document_text
from assess.model import Severity
from inventory.described import doc


class Part(msgspec.Struct, frozen=True):
    """A part."""

    name: Annotated[str, doc("Its name.", pattern="^[a-z]+$")]
    size: Annotated[Count | None, doc("Bytes; null when unknown.")] = None


class Written(msgspec.Struct, frozen=True):
    """What we write."""

    severity: Annotated[Severity, doc("How bad it is.")]
    best: Annotated[Part | None, doc("The best part; null for none.")]
    parts: Annotated[tuple[Part, ...], doc("All parts.", min_length=1)]
    way: Annotated[Literal["z", "a"] | None, doc("The way.")] = None
    extra: Annotated[str, doc("Only sometimes.")] | UnsetType = UNSET


class Read(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What we read."""

    version: Annotated[Literal[1], doc("The version.")]
    parts: Annotated[tuple[Part, ...], doc("Parts.")] = ()


def test_words_keep_their_order() -> None:
    """A reader of the page sees the worst severity first."""
    fields = schema_of(Written)["properties"]
    assert fields["severity"]["enum"] == ["blocker", "major", "minor", "info"]
    assert fields["way"]["enum"] == [None, "z", "a"]


def test_what_is_written_has_every_field_but_those_that_may_be_unset() -> None:
    schema = schema_of(Written)
    assert schema["required"] == ["severity", "best", "parts", "way"]
    assert "additionalProperties" not in schema


def test_what_is_read_may_lack_fields_with_a_default_and_has_no_others() -> None:
    schema = schema_of(Read)
    assert schema["required"] == ["version"]
    assert schema["additionalProperties"] is False


def test_every_field_has_its_description_and_constraints_on_the_page() -> None:
    table = field_table(document_schema(Written, "Written"))
    assert "| `best` | object or null | The best part; null for none. |" in table
    assert "| `best.name` | string | Its name. |" in table
    assert "| `parts[].size` | integer or null | Bytes; null when unknown. |" in table
    parts = schema_of(Written)["properties"]["parts"]
    assert parts["minItems"] == 1
    assert parts["items"]["properties"]["name"]["pattern"] == "^[a-z]+$"


@pytest.mark.parametrize(
    ("document", "valid"),
    [
        (Written(Severity.MINOR, None, (Part("a"),)), True),
        (Written(Severity.MINOR, Part("b", 3), (Part("a", 0),), "a", "x"), True),
        (Written(Severity.MINOR, None, ()), False),
        (Written(Severity.MINOR, Part("B"), (Part("a"),)), False),
        (Written(Severity.MINOR, Part("b", -1), (Part("a"),)), False),
    ],
)
def test_an_independent_reader_agrees(document: Written, valid: bool) -> None:
    schema: Any = document_schema(Written, "Written")
    jsonschema.Draft202012Validator.check_schema(schema)
    written = msgspec.json.decode(document_text(document))
    assert jsonschema.Draft202012Validator(schema).is_valid(written) is valid


def test_bytes_that_are_no_text_are_escaped_and_the_document_stays_ascii() -> None:
    text = document_text(Written(Severity.INFO, Part("caf\udce9"), (Part("é\U0001f433"),)))
    assert text.isascii()
    assert msgspec.json.decode(text)["best"]["name"] == r"caf\xe9"
