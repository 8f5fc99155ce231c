"""A stored recording redacted by the rules of this version: it may have been made by an earlier one."""

from __future__ import annotations

from dataclasses import replace

from inventory.cpu_limit import CpuLimitExceeded
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.policy_version import POLICY
from inventory.recording import Recording, SectionRecording
from inventory.sections import SECTIONS

_BY_NAME = {section.name: section for section in SECTIONS}


def redact_recording(recording: Recording, redactor: Redactor) -> Recording:
    """``recording`` without what this version recognises as a secret; a section that cannot be redacted is missing.

    What is a token already stays as it is.
    """
    platform = Platform(recording.platform)
    redactor = redactor.within(recording.host.encode("utf-8", "surrogateescape"))
    sections: list[SectionRecording] = []
    missing = {name: _text(reason, redactor) for name, reason in recording.missing.items()}
    for stored in recording.sections:
        section = _BY_NAME.get(stored.section)
        try:
            if section is None:
                parts = tuple(replace(part, content=redactor.text(part.content)) for part in stored.parts)
                sections.append(replace(stored, parts=parts, errors=redactor.text(stored.errors)))
            else:
                sections.append(section.redacted(stored, redactor, platform))
        except Exception as error:  # what cannot be redacted must not leave
            why = str(error) if isinstance(error, CpuLimitExceeded) else type(error).__name__
            missing[stored.section] = f"the stored answer could not be redacted ({why}) and is left out"
    return replace(
        recording,
        sections=tuple(sections),
        outside=redactor.text(recording.outside),
        missing=missing,
        redaction_policy=POLICY,
    )


def _text(words: str, redactor: Redactor) -> str:
    return redactor.text(words.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")
