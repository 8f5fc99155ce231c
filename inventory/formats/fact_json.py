"""Typed facts as plain JSON types, whatever their class: a field becomes a member of its name."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from inventory.observation import Absent, Found, Observation, Origin


def to_json(value: Any) -> Any:
    r"""A fact. An origin becomes ``section/part:line``; bytes that are no UTF-8 (surrogates) become ``\xff``."""
    if isinstance(value, str):
        return json_text(value.value if isinstance(value, Enum) else value)
    if value is None or isinstance(value, bool | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Origin):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {json_text(str(key)): to_json(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(each) for each in value]
    if isinstance(value, frozenset | set):
        return sorted((to_json(each) for each in value), key=repr)
    if isinstance(value, bytes):
        return json_text(value.decode("utf-8", "surrogateescape"))
    return json_text(str(value))


def observation_json(observation: Observation[Any]) -> dict[str, Any]:
    """An observation: ``status`` found, absent or unknown, its reason, its gaps, and the facts of a Found."""
    if isinstance(observation, Found):
        gaps = [{"what": json_text(gap.what), "reason": json_text(gap.reason)} for gap in observation.gaps]
        return {"status": "found", "reason": None, "gaps": gaps, "facts": to_json(observation.value)}
    status = "absent" if isinstance(observation, Absent) else "unknown"
    return {"status": status, "reason": json_text(observation.reason), "gaps": [], "facts": None}


_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Surrogates that stand for no byte: JSON of a host can name them."""


def json_text(text: str) -> str:
    """JSON is UTF-8; other bytes (stored as surrogates) would make it unreadable for other programs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = _NO_BYTE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return text


def moment(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 writes them, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
