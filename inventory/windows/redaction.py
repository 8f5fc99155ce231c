"""Hiding the secrets in what Windows answers: by the name of the property or value, and in command lines.

A product key is one too: it is what a licence is worth.
"""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.recording import Part, SectionRecording
from inventory.section import Redact
from inventory.windows.registry import rewrite_values
from inventory.windows.tables import rewrite_cells

_COMMANDS = frozenset({"CommandLine", "PathName", "ImagePath", "StartCommand"})
_PRODUCT_KEYS = re.compile(r"DigitalProductId\d?|ProductKey|SerialNumber", re.IGNORECASE)
_REGISTRY = re.compile(rb"^HKEY_[A-Z_]+(?:\\|\r?$)", re.MULTILINE)
_TABLE = re.compile(rb"\A\s*[A-Za-z]\w*(?:\t\w+)*\r?\n|^[A-Za-z]\w*=", re.MULTILINE)


def redact_windows(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """The redaction of every variant for Windows, for answers of all its kinds."""
    parts = tuple(_part(part, redact) for part in recording.parts)
    return replace(recording, parts=parts, errors=redact.text(recording.errors))


def _part(part: Part, redact: Redact) -> Part:
    def change(name: str, value: bytes) -> bytes:
        return _value(name, value, redact)

    if _REGISTRY.search(part.content):
        return rewrite_values(part, change)
    if part.status == 0 and _TABLE.search(part.content):
        return rewrite_cells(part, change)
    return replace(part, content=redact.text(part.content))


def _value(name: str, value: bytes, redact: Redact) -> bytes:
    if _PRODUCT_KEYS.fullmatch(name):
        return redact.secret(value)
    if name in _COMMANDS:
        return redact.text(redact.arguments(value))
    # "Default Password" of the registry is DefaultPassword to those who know names of settings.
    setting = re.sub(r"[^A-Za-z0-9_]", "", name).encode()
    if not setting or b"\n" in value:
        return redact.text(value)
    hidden = redact.text(setting + b"=" + value)
    return hidden[len(setting) + 1 :] if hidden.startswith(setting + b"=") else redact.text(value)
