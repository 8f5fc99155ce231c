"""Recordings of real hosts, as they are kept in ``tests/fixtures/recordings/HOST/SECTION.txt``.

``host.toml`` beside them says what the host is: with which facts a parser must come back.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from inventory.recording import Part, SectionRecording

FOLDER = Path(__file__).parents[1] / "fixtures" / "recordings"


def hosts_with(section: str) -> list[str]:
    """The hosts of which ``section`` was recorded."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{section}.txt"))


def recorded(host: str, section: str) -> SectionRecording:
    """A recording."""
    return SectionRecording.from_text(section, (FOLDER / host / f"{section}.txt").read_bytes())


def about(host: str) -> dict[str, Any]:
    """What host.toml says."""
    return tomllib.loads((FOLDER / host / "host.toml").read_text())


def answer(section: str, errors: bytes = b"", **parts: bytes) -> SectionRecording:
    """A recording made by hand; an underscore in a name stands for a hyphen."""
    return SectionRecording(
        section, tuple(Part(name.replace("_", "-"), content) for name, content in parts.items()), errors
    )


def with_part(recording: SectionRecording, part: Part) -> SectionRecording:
    """``recording`` with ``part`` in place of the one of its name."""
    return replace(recording, parts=tuple(part if other.name == part.name else other for other in recording.parts))
