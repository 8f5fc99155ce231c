"""Single lines of recordings, as findings quote them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from inventory.observation import Origin
from inventory.recording import SectionRecording


class QuotedLines:
    """The line of a recording that an origin points at. They are read host by host, so a few parts are cached.
    ``section`` gives the answer of a host to a section, None for none.
    """

    def __init__(self, section: Callable[[str, str], SectionRecording | None]) -> None:
        self._section = lru_cache(maxsize=16)(section)
        self._lines = lru_cache(maxsize=64)(self._read)

    def __call__(self, host: str, origin: Origin) -> str:
        """The line, "" when there is none to show."""
        lines = self._lines(host, origin.section, origin.part)
        if not 0 < origin.line <= len(lines):
            return ""
        return lines[origin.line - 1].decode("utf-8", "surrogateescape")

    def _read(self, host: str, section: str, part: str) -> list[bytes]:
        found = self._section(host, section)
        answer = found and found.part(part)
        # Of a few hundred lines a finding quotes one: the others are not made text.
        lines = answer.content.split(b"\n") if answer else []
        if lines and not lines[-1]:
            lines.pop()
        return lines
