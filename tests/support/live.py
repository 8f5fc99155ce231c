"""Ask this machine, in any shell, as the probe asks a host."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from inventory.depth import Depth
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.probe.framing import read_frames
from inventory.probe.script import compose
from inventory.recording import SectionRecording
from inventory.section import Section

NONCE = "00112233445566778899aabbccddeeff"
REDACTOR = Redactor(b"the key of the tests")


def ask(
    *sections: Section[Any],
    shell: Sequence[str] = ("sh", "-s"),
    environment: Mapping[str, str] | None = None,
    escalate: str = "",
    change: Mapping[str, str] | None = None,
    depth: Depth = Depth.DEEP,
) -> dict[str, SectionRecording]:
    """The redacted answers of this machine. ``change`` replaces text of the script, e.g. absolute paths of commands."""
    script = compose(sections, NONCE, escalate=escalate, depth=depth)
    for old, new in (change or {}).items():
        script = script.replace(old, new)
    done = subprocess.run(
        list(shell), input=script.encode(), capture_output=True, timeout=60, check=False, env=environment
    )
    frames = read_frames(done.stdout, done.stderr, NONCE)
    assert frames.complete, (done.returncode, done.stderr[-500:])
    return {section.name: section.redact(frames.sections[section.name], REDACTOR) for section in sections}


def found(section: Section[Any], recording: SectionRecording) -> Any:
    """What a recording says; it must have been understood."""
    observation = section.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found), observation
    return observation.value
