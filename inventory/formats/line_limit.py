"""A limit to the length of a line of an answer, beyond which it is cut.

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

# Its record is a line of the errors, so that a stored recording has it as well.
_CUT = re.compile(rb"(?m)^assess: (\d{1,9}) lines? of ([\w.@-]{1,64}) longer than (\d{1,9}) KiB (?:was|were) cut$")


def with_short_lines(recording: SectionRecording, documents: frozenset[str] = frozenset()) -> SectionRecording:
    """``recording`` with its lines cut at the limit, and a record of how many were; itself where all are shorter."""
    parts: list[Part] = []
    errors = recording.errors
    for part in recording.parts:
        limit = LONGEST_DOCUMENT if part.name in documents else LONGEST
        content, count = _cut(part.content, limit)
        if part.truncated:
            content = _without_half_word(content)
        if content is not part.content:
            part = replace(part, content=content)
        if count:
            words = b"lines of %s longer than %d KiB were" if count > 1 else b"line of %s longer than %d KiB was"
            errors = errors.removesuffix(b"\n") + b"\n" * bool(errors)
            errors += b"assess: %d " % count + words % (part.name.encode(), limit >> 10) + b" cut\n"
        parts.append(part)
    errors, _ = _cut(errors, LONGEST)
    same = errors is recording.errors and all(new is old for new, old in zip(parts, recording.parts, strict=True))
    return recording if same else replace(recording, parts=tuple(parts), errors=errors)


def gaps(recording: SectionRecording) -> Iterator[Gap]:
    """The cuts that the record lists."""
    for count, part, limit in _CUT.findall(recording.errors):
        lines = "1 line" if count == b"1" else f"{count.decode()} lines"
        were = "was" if count == b"1" else "were"
        yield Gap(part.decode(), f"{lines} longer than {limit.decode()} KiB {were} cut")


def _cut(content: bytes, limit: int) -> tuple[bytes, int]:
    """The content with its lines cut, and how many were. Content without such a line is not copied."""
    at, size = 0, len(content)
    while size - at > limit:
        end = content.rfind(b"\n", at, at + limit + 1)
        if end < 0:
            break
        at = end + 1
    else:
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
