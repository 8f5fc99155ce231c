"""Facts that only root may read of other users' processes.

A fragment asks for them in the part NAME when it runs as root or may escalate, and for its own processes in NAME-own
when it is an ordinary user.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from inventory.recording import Part, SectionRecording

T = TypeVar("T")


def root_or_own(recording: SectionRecording, name: str, read: Callable[[Part], T]) -> T | None:
    """The facts that root could read, else those that the user could read, else None."""
    for candidate in (name, f"{name}-own"):
        part = recording.part(candidate)
        if part is not None and part.content:
            return read(part)
    return None


def denied_reason(recording: SectionRecording, name: str) -> str:
    """The reason why a part that should show NAME is missing, as a sentence."""
    part = recording.part(name)
    if part is None:
        return "the host's answer ended before this section"
    if recording.part(f"{name}-own") is None:
        return "the kernel denied access even to root"
    if part.content:
        return "the process had just ended"
    if part.status == 126:
        return "permission denied; scan with become"
    return "permission denied, and the command that asks for it as root failed"
