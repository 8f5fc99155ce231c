"""The JSON Schema of the policy file, used by editors and in the reference."""

from __future__ import annotations

from assess.export.json_schema import Schema, document_schema
from assess.policy.conditions import JOINS, KINDS
from assess.policy.model import JudgementFile


def policy_schema() -> Schema:
    """The JSON Schema (draft 2020-12)."""
    schema = document_schema(JudgementFile, "Judgement")
    waiver = schema["properties"]["waivers"]["items"]
    waiver["anyOf"] = [{"required": ["workload"]}, {"required": ["host"]}]
    return {**schema, "$defs": {"condition": _condition()}}


def _condition() -> Schema:
    one: Schema = {"$ref": "#/$defs/condition"}
    value: Schema = {
        "oneOf": [
            {"type": "string", "description": "A pattern (*, ?, [a-z]), or a comparison such as '< 3.10'."},
            {"type": "integer"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": ["string", "integer"]}, "description": "One of these."},
        ]
    }
    joins = {
        name: {"type": "array", "items": one, "minItems": 1, "description": words} for name, words in JOINS.items()
    }
    kinds = {
        kind.name: {
            **_closed(dict.fromkeys(kind.fields, value)),
            "minProperties": 1,
            "description": kind.description,
        }
        for kind in KINDS
    }
    return {**_closed({**joins, **kinds}), "minProperties": 1, "maxProperties": 1}


def _closed(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}
