"""Reading the framed answer of a probe.

Every mark is a line of its own that begins with the nonce of the run, which no other program on the host has seen::

    NONCE hello UID PID
    NONCE begin SECTION
    NONCE part NAME … content … NONCE done STATUS      (any number of them)
    NONCE want|match|listed|family|denied SECTION …    (of what is gathered; see :mod:`inventory.probe.batched_reads`)
    NONCE end                                          (missing: cut by the cap, or ended by the watchdog)
    NONCE over yes|no                                  (yes: the watchdog fired)
    NONCE pad                                          (bytes up to the next mark mean nothing)
    NONCE bye

A section that begins anew without being over is asked again, and only its second answer counts. Each mark is preceded
by a newline that is not part of the content. Bytes outside of sections (motd, wrappers, shell noise, a terminal's echo)
are kept apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from inventory.probe import batched_reads
from inventory.probe.multi_file_parts import split_parts
from inventory.recording import Part, SectionRecording

# A probe caps what it sends on the host. Who answers in its place, with the nonce at hand, caps nothing: what it sends
# is held once while it arrives, and no more than this of it is worked on.
MOST_OF_A_SECTION = 64 << 20
"""Bytes of one section."""
MOST_PARTS = 500
"""Parts of one section, and sections of one answer."""
MOST_OUTSIDE = 1 << 20
"""Bytes outside of sections."""


@dataclass
class Frames:
    """The content of an answer. ``uid`` is -1 when the host did not report it; ``complete``: the last mark was
    received.
    """

    hello: bool = False
    uid: int = -1
    pid: int = -1
    complete: bool = False
    outside: bytes = b""
    sections: dict[str, SectionRecording] = field(default_factory=dict)


@dataclass
class _OpenPart:
    name: str
    parts: list[Part] = field(default_factory=list)
    part: str | None = None
    ended: bool = False
    room: int = MOST_OF_A_SECTION
    dropped: bool = False
    marks: list[batched_reads.Mark] = field(default_factory=list)


def read_frames(stdout: bytes, stderr: bytes, nonce: str) -> Frames:
    """Split an answer. Never raises: what is cut off is marked as truncated, what is not framed is ``outside``."""
    frames = Frames()
    reader = _FrameReader(stdout, frames, _errors_by_section(stderr, nonce, frames))
    for start, end, word, rest in _marks(stdout, nonce):
        reader.content(start, end_of_part=rest if word == "done" else None)
        reader.mark(word, rest, end)
    reader.end()
    return frames


class _FrameReader:
    """Adds the sections of an answer to ``frames``, mark by mark."""

    def __init__(self, stdout: bytes, frames: Frames, errors: dict[str, bytes]) -> None:
        self._stdout, self._frames, self._errors = stdout, frames, errors
        self._at = 0
        self._padding = False
        self._section: _OpenPart | None = None
        self._batch = batched_reads.BatchedParts({}, frozenset())

    def content(self, stop: int, *, end_of_part: str | None) -> None:
        """Take what lies between the last mark and the one at ``stop``."""
        if self._section is not None and self._section.part is not None:
            _close_part(self._section, self._stdout, self._at, stop, end_of_part)
        elif self._section is None and not self._padding:
            _keep_outside(self._frames, self._stdout, self._at, stop)

    def mark(self, word: str, rest: str, end: int) -> None:
        """Follow one mark, whose line ends at ``end``."""
        self._at, self._padding = end, word == "pad"
        if word == "hello":
            self._frames.hello = True
            self._frames.uid, self._frames.pid = _two_numbers(rest)
        elif word == "begin":
            self._section = _OpenPart(rest)
        elif word == "bye":
            self._frames.complete = True
        elif self._section is not None:
            self._mark_within(self._section, word, rest)

    def _mark_within(self, section: _OpenPart, word: str, rest: str) -> None:
        if word == "part":
            section.part = rest
        elif word == "end":
            section.ended = True
        elif word in batched_reads.MARKS and len(section.marks) < batched_reads.MOST_MARKS:
            owner, _, words = rest.partition(" ")
            section.marks.append(batched_reads.Mark(word, owner, words))
        elif word == "over":
            if section.name != batched_reads.BATCH_PART:
                self._keep(section, timed_out=rest == "yes")
            elif section.ended:
                self._batch = self._split(section)
            self._section = None

    def end(self) -> None:
        """Take what the last section holds when the connection ended within it; it is reported as cut."""
        self.content(len(self._stdout), end_of_part=None)
        if (section := self._section) is not None:
            if section.name == batched_reads.BATCH_PART:
                self._batch = self._split(section)
            else:
                self._keep(section, cut=True)
        if self._frames.hello and not self._frames.complete:
            # Parts of the batch whose sections were not asked any more count, too.
            for name in self._batch.parts.keys() - self._frames.sections.keys() - self._batch.again:
                self._keep(_OpenPart(name), cut=True)

    def _keep(self, section: _OpenPart, *, timed_out: bool = False, cut: bool = False) -> None:
        """Add the answer to a section; ``cut``: the connection ended before it was over.

        Its own parts count more than those of the batch: it was asked anew. A section that must be asked in another way
        is left out, like one that was not asked.
        """
        own = {part.name for part in section.parts}
        sections, batch = self._frames.sections, self._batch
        if len(sections) >= MOST_PARTS or (section.name in batch.again and not own & batched_reads.ARGUMENTS):
            return
        # Where a part was cut, the part shows it; else the answer was cut between two of them.
        within = not cut and (timed_out or any(part.truncated for part in section.parts))
        sections[section.name] = SectionRecording(
            section.name,
            (*(part for part in batch.parts.get(section.name, ()) if part.name not in own), *section.parts),
            self._errors.get(section.name, b""),
            timed_out=timed_out,
            unfinished=section.dropped or (not section.ended and not within),
        )

    def _split(self, batch: _OpenPart) -> batched_reads.BatchedParts:
        """The files that were read before the sections were asked. Adds to the errors what could not be read."""
        for mark in batch.marks:
            if mark.word == "denied":
                denied = f"grep: {mark.words}: Permission denied\n".encode()
                self._errors[mark.section] = self._errors.get(mark.section, b"") + denied
        return batched_reads.split(batch.parts, batch.marks, self._frames.pid)


def _keep_outside(frames: Frames, stdout: bytes, start: int, end: int) -> None:
    room = MOST_OUTSIDE - len(frames.outside)
    if room > 0:
        frames.outside += stdout[start : min(end, start + room)]


_NEWLINE, _RETURN = b"\n\r"
_WORDS = re.compile(rb"([a-z]{1,16})(?: ([^\r\n]{0,2000}))?\r?\n")


def _marks(stdout: bytes, nonce: str) -> Iterator[tuple[int, int, str, str]]:
    r"""Start, end, first word and other words of each mark.

    A terminal that ignores ``stty -opost`` sends ``\r\n``; only in the marks is that accepted, the content stays as
    received.
    """
    token = nonce.encode() + b" "
    end = 0
    while (at := stdout.find(token, end)) >= 0:
        match = _WORDS.match(stdout, at + len(token))
        if match is None:
            end = at + 1
            continue
        start = at
        if start > end and stdout[start - 1] == _NEWLINE:
            start -= 1
        if start > end and stdout[start - 1] == _RETURN:
            start -= 1
        end = match.end()
        yield start, end, match[1].decode(), (match[2] or b"").decode("ascii", "replace")


def _close_part(current: _OpenPart, stdout: bytes, start: int, end: int, status: str | None) -> None:
    """Keep what lies between two marks; ``status`` is that of the command, None where its part was cut off."""
    name = current.part or ""
    current.part = None
    if len(current.parts) >= MOST_PARTS:
        current.dropped = True
        return
    content = stdout[start : min(end, start + current.room)]
    cut = status is None or len(content) < end - start
    current.room -= len(content)
    number = int(status) if status is not None and re.fullmatch("-?[0-9]{1,9}", status) else -1
    part = Part(name, content, number, truncated=cut)
    current.parts.extend([part] if current.name == batched_reads.BATCH_PART else split_parts(part))


def _two_numbers(rest: str) -> tuple[int, int]:
    words = rest.split()
    numbers = [int(word) if word.isdigit() else -1 for word in words[:2]]
    while len(numbers) < 2:
        numbers.append(-1)
    return numbers[0], numbers[1]


def _errors_by_section(stderr: bytes, nonce: str, frames: Frames) -> dict[str, bytes]:
    """The text after each mark that begins a section; the text before any is ``outside``."""
    errors: dict[str, bytes] = {}
    name, at = "", 0
    for start, end, word, rest in _marks(stderr, nonce):
        if word != "begin":
            continue
        if name:
            errors[name] = stderr[at:start]
        else:
            frames.outside += stderr[:start]
        name, at = rest, end
    if name:
        errors[name] = stderr[at:]
    else:
        frames.outside += stderr
    return errors
