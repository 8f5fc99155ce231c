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
    """What was read. ``uid`` is -1 when the host did not say; ``complete`` says that the last mark was seen."""

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
    errors = _errors_by_section(stderr, nonce, frames)
    at = 0
    current: _OpenPart | None = None
    padding = False
    gathered = batched_reads.BatchedParts({}, frozenset())
    for start, at_next, word, rest in _marks(stdout, nonce):
        if current is not None and current.part is not None:
            _close_part(current, stdout, at, start, rest if word == "done" else None)
        elif current is None and not padding:
            _keep_outside(frames, stdout, at, start)
        at = at_next
        padding = word == "pad"
        if word == "hello":
            frames.hello = True
            frames.uid, frames.pid = _two_numbers(rest)
        elif word == "begin":
            current = _OpenPart(rest)
        elif word == "part" and current is not None:
            current.part = rest
        elif word == "end" and current is not None:
            current.ended = True
        elif word in batched_reads.MARKS and current is not None and len(current.marks) < batched_reads.MOST_MARKS:
            section, _, words = rest.partition(" ")
            current.marks.append(batched_reads.Mark(word, section, words))
        elif word == "over" and current is not None:
            if current.name != batched_reads.BATCH_PART:
                _keep(frames, current, gathered, errors, timed_out=rest == "yes")
            elif current.ended:
                gathered = _gathered(current, errors, frames.pid)
            current = None
        elif word == "bye":
            frames.complete = True
    if current is not None:
        # The connection ended within a section: what came of it is kept, and said to be cut.
        if current.part is not None:
            _close_part(current, stdout, at, len(stdout), None)
        if current.name == batched_reads.BATCH_PART:
            gathered = _gathered(current, errors, frames.pid)
        else:
            _keep(frames, current, gathered, errors, cut=True)
    elif not padding:
        _keep_outside(frames, stdout, at, len(stdout))
    if frames.hello and not frames.complete:
        # What was gathered for sections that were not asked any more is kept, too.
        for name in gathered.parts.keys() - frames.sections.keys() - gathered.again:
            _keep(frames, _OpenPart(name), gathered, errors, cut=True)
    return frames


def _keep(
    frames: Frames,
    section: _OpenPart,
    gathered: batched_reads.BatchedParts,
    errors: dict[str, bytes],
    *,
    timed_out: bool = False,
    cut: bool = False,
) -> None:
    """Add what a section was answered; ``cut``: the connection ended before it was over.

    What it said by itself counts more than what was gathered for it: it was asked anew. One that must be asked in
    another way is left out, as if it had not been asked.
    """
    own = {part.name for part in section.parts}
    if len(frames.sections) >= MOST_PARTS or (section.name in gathered.again and not own & batched_reads.ARGUMENTS):
        return
    # Where a part was cut, that says it; else it was cut between two of them.
    within = not cut and (timed_out or any(part.truncated for part in section.parts))
    frames.sections[section.name] = SectionRecording(
        section.name,
        (*(part for part in gathered.parts.get(section.name, ()) if part.name not in own), *section.parts),
        errors.get(section.name, b""),
        timed_out=timed_out,
        unfinished=section.dropped or (not section.ended and not within),
    )


def _gathered(of: _OpenPart, errors: dict[str, bytes], pid: int) -> batched_reads.BatchedParts:
    """What was read before the sections were asked. Adds to ``errors`` what could not be read.

    ``pid`` is the probe's shell.
    """
    for mark in of.marks:
        if mark.word == "denied":
            errors[mark.section] = errors.get(mark.section, b"") + f"grep: {mark.words}: Permission denied\n".encode()
    return batched_reads.split(of.parts, of.marks, pid)


def _keep_outside(frames: Frames, stdout: bytes, start: int, end: int) -> None:
    room = MOST_OUTSIDE - len(frames.outside)
    if room > 0:
        frames.outside += stdout[start : min(end, start + room)]


_NEWLINE, _RETURN = b"\n\r"
_WORDS = re.compile(rb"([a-z]{1,16})(?: ([^\r\n]{0,2000}))?\r?\n")


def _marks(stdout: bytes, nonce: str) -> Iterator[tuple[int, int, str, str]]:
    r"""Start, end, first word and other words of each mark.

    A terminal that ignores ``stty -opost`` sends ``\r\n``; only the marks are forgiven that, the content stays as it
    came.
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
    """What was said behind each mark that a section begins; what was said before any is ``outside``."""
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
