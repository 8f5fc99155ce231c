"""Answers of Windows as a section gets them, and what it makes of them."""

from __future__ import annotations

from typing import Any

from inventory.observation import Found, Observation
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Section
from inventory.sections import SECTIONS
from tests.support.live import REDACTOR

WINDOWS: dict[str, Section[Any]] = {each.name: each for each in SECTIONS if each.variant(Platform.WINDOWS)}
HKLM = "HKEY_LOCAL_MACHINE"


def observe(section: str, *, failed: tuple[str, ...] = (), **parts: str) -> Observation[Any]:
    """What a section makes of ``parts``, after redaction; an underscore stands for a hyphen."""
    made = tuple(
        Part(name.replace("_", "-"), text.encode("utf-8", "surrogateescape"), int(name in failed))
        for name, text in parts.items()
    )
    recording = WINDOWS[section].redacted(SectionRecording(section, made), REDACTOR, Platform.WINDOWS)
    return WINDOWS[section].observe(recording, Platform.WINDOWS)


def value(section: str, *, failed: tuple[str, ...] = (), **parts: str) -> Any:
    observation = observe(section, failed=failed, **parts)
    assert isinstance(observation, Found), observation
    return observation.value
