"""The parts that are extracted from a packed file, and the limits of the extraction."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple


class ArchiveMember(NamedTuple):
    """A file within the carrier, examined as any other file. ``name`` is "" for the carrier's own unpacked content."""

    name: str
    content: bytes


class SettingLines(NamedTuple):
    """Lines ``name = value`` that the carrier certainly contains. ``code``: they are constants of a program."""

    text: bytes
    code: bool = False


class Strings(NamedTuple):
    """Printable stretches of a binary. What they mean is a guess, so only the unmistakable counts. ``code``: they are
    the texts of a program, which are judged as in its source.
    """

    text: bytes
    code: bool = False


class Secret(NamedTuple):
    """The carrier is secret; ``reason`` is the cause."""

    reason: str


class Unread(NamedTuple):
    """A member (or the carrier, "") that could not be examined, and why."""

    name: str
    why: str


Part = ArchiveMember | SettingLines | Strings | Secret | Unread


class LimitReached(Exception):
    """A carrier has more in it than may be read; the text names what exceeds its limit."""


EXPANDED = 256 << 20
"""Most bytes that one file may expand to, with all archives within it."""

RATIO = 200
"""A small file may expand to this many times its size. Text compresses 3 to 20 times; repetition alone does more."""

SMALL = 16 << 20
"""Bytes that any file may expand to, whatever its own size."""

ENTRIES = 100_000
"""Most members of one file, with all archives within it."""

DEPTH = 5
"""An archive in an archive, so many times: a jar in a war in an ear in a zip in a tar is four."""

CPU_SECONDS = 60.0
"""CPU time that the examination of one file may take. A war of 128 MB takes about ten seconds."""


_TICKS = 128
"""The clock is read once in so many steps: that is a system call."""


@dataclass
class Budget:
    """The budget that is left for one file. Methods raise LimitReached."""

    bytes_left: int
    entries_left: int = ENTRIES
    cpu_end: float = 0.0
    ticks: int = 0

    @classmethod
    def of(cls, size: int) -> Budget:
        """The budget of a file of ``size`` bytes."""
        return cls(min(EXPANDED, max(SMALL, RATIO * size)), cpu_end=time.thread_time() + CPU_SECONDS)

    def entry(self) -> None:
        """One more member."""
        self.entries_left -= 1
        if self.entries_left < 0:
            raise LimitReached(f"more than {ENTRIES:,} files are packed in it")
        self.tick()

    def expand(self, size: int) -> None:
        """``size`` more bytes were unpacked."""
        self.bytes_left -= size
        if self.bytes_left < 0:
            raise LimitReached("it expands to more than is examined")
        self.tick()

    def tick(self) -> None:
        """Stop what takes too long."""
        self.ticks += 1
        if self.ticks % _TICKS == 0 and time.thread_time() > self.cpu_end:
            raise LimitReached(f"examining it takes more than {CPU_SECONDS:.0f} s")


@dataclass(frozen=True, slots=True)
class Carrier:
    """One kind of packed file. ``recognises`` gets the first 64 KiB (or more) and the path; ``read`` the whole content.

    ``whole``: a part of it cannot be read, so it is held in memory until it is examined, however it arrives.
    """

    name: str
    recognises: Callable[[bytes, str], bool]
    read: Callable[[bytes, Budget], Iterator[Part]]
    whole: bool = True
