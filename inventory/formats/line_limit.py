"""Limits to the length of a line of an answer, and of a number in it, beyond which they are cut.

Lines of real hosts have a few KiB. What may hold a whole document in one line (JSON) or has no lines (arguments between
NULs) is named by its variant and has a higher limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from inventory.observation import Gap
from inventory.recording import Part, SectionRecording

LONGEST = 64 << 10
LONGEST_DOCUMENT = 2 << 20
LONGEST_NUMBER = 1000
"""Digits. Python prints 4,300 and reads as many, so that kilobytes of one host, as bytes, could not be printed."""

# Its record is a line of the errors, so that a stored recording has it as well.
_CUT = re.compile(
    rb"(?m)^assess: (\d{1,9}) (line|number)s? of ([\w.@-]{1,64}) longer than (\d{1,9} (?:KiB|digits)) (?:was|were) cut$"
)
_LONG_NUMBER = re.compile(rb"(?<![0-9])([0-9]{%d})[0-9]++" % LONGEST_NUMBER)


def with_short_lines(recording: SectionRecording, documents: frozenset[str] = frozenset()) -> SectionRecording:
    """``recording`` with its lines cut at the limit, and a record of how many were; itself where all are shorter."""
    parts: list[Part] = []
    errors = recording.errors
    for part in recording.parts:
        limit = LONGEST_DOCUMENT if part.name in documents else LONGEST
        content, count = _cut(part.content, limit)
        if part.truncated:
            content = _without_half_word(content)
        content, numbers = _with_short_numbers(content)
        if content is not part.content:
            part = replace(part, content=content)
        errors = _with_record(errors, part, b"line", count, b"%d KiB" % (limit >> 10))
        errors = _with_record(errors, part, b"number", numbers, b"%d digits" % LONGEST_NUMBER)
        parts.append(part)
    errors, _ = _cut(errors, LONGEST)
    same = errors is recording.errors and all(new is old for new, old in zip(parts, recording.parts, strict=True))
    return recording if same else replace(recording, parts=tuple(parts), errors=errors)


def gaps(recording: SectionRecording) -> Iterator[Gap]:
    """The cuts that the record lists."""
    for count, what, part, limit in _CUT.findall(recording.errors):
        several = "" if count == b"1" else "s"
        were = "were" if several else "was"
        yield Gap(part.decode(), f"{count.decode()} {what.decode()}{several} longer than {limit.decode()} {were} cut")


def _with_record(errors: bytes, part: Part, what: bytes, count: int, limit: bytes) -> bytes:
    if not count:
        return errors
    several, were = (b"s", b"were") if count > 1 else (b"", b"was")
    before = errors.removesuffix(b"\n") + b"\n" * bool(errors)
    record = (count, what, several, part.name.encode(), limit, were)
    return before + b"assess: %d %s%s of %s longer than %s %s cut\n" % record


def _has_line_beyond(content: bytes, limit: int) -> bool:
    """Whether a line is longer. It looks at one byte in ``limit``, or few more, where lines are short."""
    at, size = 0, len(content)
    while size - at > limit:
        end = content.rfind(b"\n", at, at + limit + 1)
        if end < 0:
            return True
        at = end + 1
    return False


def _with_short_numbers(content: bytes) -> tuple[bytes, int]:
    """The content with its numbers cut, and how many were."""
    if not _has_line_beyond(content, LONGEST_NUMBER):
        return content, 0
    shorter, count = _LONG_NUMBER.subn(rb"\1", content)
    return (shorter, count) if count else (content, 0)


def _cut(content: bytes, limit: int) -> tuple[bytes, int]:
    """The content with its lines cut, and how many were. Content without such a line is not copied."""
    if not _has_line_beyond(content, limit):
        return content, 0
    lines = content.split(b"\n")
    count = sum(len(line) > limit for line in lines)
    return b"\n".join(line if len(line) <= limit else _without_half_word(line[:limit]) for line in lines), count


def _without_half_word(content: bytes) -> bytes:
    """The cut line without the word that the cut went through: half of a secret may not look like one."""
    match = _WORD_AT_END.search(content, max(0, len(content) - _LONGEST_WORD))
    return content if match is None or match.end() == match.start() + 1 else content[: match.start() + 1]


_LONGEST_WORD = 4096
_WORD_AT_END = re.compile(rb"[\s\0,;\"'|<>()\[\]{}][^\s\0,;\"'|<>()\[\]{}]*+\Z")
