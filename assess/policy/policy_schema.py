"""The JSON Schema of the policy file, used by editors and in the reference."""

from __future__ import annotations

from typing import Any

from assess.export.json_schema import Schema
from assess.model import Severity
from assess.policy.conditions import KINDS
from assess.policy.priorities import NAMES

VERSION = 1
OWN_ID = r"^LOC[0-9]{3}$"


def policy_schema() -> Schema:
    """The JSON Schema (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Judgement",
        "description": "What you know better than any rule: your own rules, accepted findings, corrections.",
        **_object(
            {
                "version": {"const": VERSION, "description": "Version of this form."},
                "priorities": {
                    "type": "array",
                    "items": {"enum": list(NAMES)},
                    "uniqueItems": True,
                    "description": "What comes first, second …; --prioritize overrides it.",
                },
                "rules": _list("Rules of your own.", _RULE),
                "waivers": _list("Findings that you accept.", _WAIVER),
                "workloads": _list("Corrections of what was taken for a workload.", _OVERRIDE),
            },
            required=("version",),
        ),
        "$defs": {"condition": _condition()},
    }


def _object(properties: dict[str, Any], required: tuple[str, ...] = ()) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _list(description: str, items: Schema) -> Schema:
    return {"type": "array", "items": items, "description": description}


def _text(description: str, **more: Any) -> Schema:
    return {"type": "string", "minLength": 1, "description": description, **more}


_RULE = _object(
    {
        "id": _text("LOC and three digits.", pattern=OWN_ID),
        "name": _text("Readable name in kebab case.", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$"),
        "severity": {"enum": [str(severity) for severity in Severity], "description": "How much stands in the way."},
        "when": {"$ref": "#/$defs/condition"},
        "message": _text("One sentence on what was found."),
        "why": _text("The effect."),
        "remedy": _text("What to do about it."),
    },
    required=("id", "name", "severity", "when", "message", "remedy"),
)

_WAIVER = {
    **_object(
        {
            "rule": _text("Id or name of the rule."),
            "workload": _text("Pattern of workload ids, as web*/apache2."),
            "host": _text("Pattern of host names."),
            "reason": _text("Why you accept it."),
            "until": _text("Last day, as 2027-03-31.", pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
        },
        required=("rule", "reason"),
    ),
    "anyOf": [{"required": ["workload"]}, {"required": ["host"]}],
}

_OVERRIDE = _object(
    {
        "match": _text("Pattern of workload ids, as app01/java*."),
        "name": _text("What to call it.", pattern=r"^[a-z0-9._-]+$"),
        "kind": {"enum": ["service", "host function"], "description": "What it is."},
        "part_of": _text("Name of the workload of the same host that it is a part of."),
        "criticality": {"enum": ["high", "normal", "low"], "description": "How much hangs on it."},
    },
    required=("match",),
)


def _condition() -> Schema:
    one: Schema = {"$ref": "#/$defs/condition"}
    value: Schema = {
        "oneOf": [
            {
                "type": "string",
                "description": "A pattern (*, ?, [a-z]), or a comparison such as '< 3.10'.",
            },
            {"type": "integer"},
            {"type": "boolean"},
            {"type": "array", "items": {"type": ["string", "integer"]}, "description": "One of these."},
        ]
    }
    kinds = {
        kind.name: {
            **_object(dict.fromkeys(kind.fields, value)),
            "minProperties": 1,
            "description": kind.description,
        }
        for kind in KINDS
    }
    return {
        **_object(
            {
                "all": {"type": "array", "items": one, "minItems": 1, "description": "All of these hold."},
                "any": {"type": "array", "items": one, "minItems": 1, "description": "One of these holds."},
                "none": {"type": "array", "items": one, "minItems": 1, "description": "None of these holds."},
                **kinds,
            }
        ),
        "minProperties": 1,
        "maxProperties": 1,
    }
