"""Reading the framed answer of a probe.

Every mark is a line of its own that begins with the nonce of the run, which no other program on the host has seen::

    NONCE hello UID PID
    NONCE begin SECTION
    NONCE part NAME … content … NONCE done STATUS      (any number of them)
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
from functools import lru_cache

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
class _Open:
    name: str
    parts: list[Part] = field(default_factory=list)
    part: str | None = None
    ended: bool = False
    room: int = MOST_OF_A_SECTION


def read_frames(stdout: bytes, stderr: bytes, nonce: str) -> Frames:
    """Split an answer. Never raises: what is cut off is marked as truncated, what is not framed is ``outside``."""
    frames = Frames()
    errors = _errors_by_section(stderr, nonce, frames)
    at = 0
    current: _Open | None = None
    padding = False
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
            current = _Open(rest)
        elif word == "part" and current is not None:
            current.part = rest
        elif word == "end" and current is not None:
            current.ended = True
        elif word == "over" and current is not None and len(frames.sections) < MOST_PARTS:
            frames.sections[current.name] = SectionRecording(
                current.name,
                tuple(current.parts),
                errors.get(current.name, b""),
                timed_out=rest == "yes",
                # Where a part was cut, that says it; else it was cut between two of them.
                unfinished=rest != "yes" and not current.ended and not any(part.truncated for part in current.parts),
            )
            current = None
        elif word == "bye":
            frames.complete = True
    if current is not None:
        # The connection ended within a section: what came of it is kept, and said to be cut.
        if current.part is not None:
            _close_part(current, stdout, at, len(stdout), None)
        frames.sections[current.name] = SectionRecording(
            current.name, tuple(current.parts), errors.get(current.name, b""), unfinished=not current.ended
        )
    elif not padding:
        _keep_outside(frames, stdout, at, len(stdout))
    return frames


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


def _close_part(current: _Open, stdout: bytes, start: int, end: int, status: str | None) -> None:
    """Keep what lies between two marks; ``status`` is that of the command, None where its part was cut off."""
    name = current.part or ""
    current.part = None
    if len(current.parts) >= MOST_PARTS:
        return
    content = stdout[start : min(end, start + current.room)]
    cut = status is None or len(content) < end - start
    current.room -= len(content)
    number = int(status) if status is not None and re.fullmatch("-?[0-9]{1,9}", status) else -1
    current.parts.extend(_parts(Part(name, content, number, truncated=cut)))


_PATH = re.compile(rb"(?m)^/[^:\n]*:")


def _parts(part: Part) -> list[Part]:
    """The parts that one command said, each line behind its path (see ``parts`` in :mod:`inventory.section`).

    No line of a file can stand at the beginning of a line here, so a file cannot pretend to be another. A file that is
    not there is an empty part with a status other than 0; where the answer was cut off, what follows is missing.
    """
    if not part.name.startswith("@"):
        return [part]
    content = part.content
    begins: list[tuple[str, int]] = []
    at = 0
    for name, begin_of in _wanted(part.name):
        first = begin_of.search(content, at)
        at = first.start() if first else at
        begins.append((name, at if first else -1))
    found: list[Part] = []
    for number, (wanted, begin) in enumerate(begins):
        name = wanted.lstrip("@")
        following = [start for _, start in begins[number + 1 :] if start >= 0]
        last = not following
        if begin < 0:
            if not (part.truncated and last):
                found.append(Part(name, b"", part.status or 1))
            continue
        lines = content[begin : following[0] if following else len(content)]
        text = _PATH.sub(b"", lines) if wanted.startswith("@") else lines
        found.append(Part(name, text, part.status if part.truncated and last else 0, part.truncated and last))
    return found


@lru_cache(maxsize=256)
def _wanted(names: str) -> tuple[tuple[str, re.Pattern[bytes]], ...]:
    """Each of ``@NAME=PATH|PATH,NAME``, with what its first line begins with. All hosts are asked for the same."""
    found = []
    for wanted in names[1:].split(","):
        name, _, paths = wanted.partition("=")
        found.append((name, _first_line(paths or f"*/{name.lstrip('@')}")))
    return tuple(found)


def _first_line(paths: str) -> re.Pattern[bytes]:
    """What a line of the first of some files begins with; ``*`` stands for anything but a colon."""
    one_of = "|".join(re.escape(path).replace(r"\*", r"[^:\n]*") for path in paths.split("|"))
    return re.compile(rf"(?m)^(?:{one_of}):".encode())


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
