r"""File contents of many processes, as ``grep -aH '' /proc/*/NAME`` prints them.

Each line of a file comes as ``/proc/PID/NAME:line``. The prefix is made of our own argument, so nothing that a process
puts into its arguments or environment, newlines included, can pretend to be another process. (That a file did not
end with a newline is lost; no file read this way needs it.)

Where ``grep`` cuts lines at NUL (busybox built for musl does), the fragment asks ``head -v`` instead, which prints
``==> /proc/PID/NAME <==``, the bytes, and an empty line before the next heading. There a process can forge a heading;
it can only add one, so files with two headings are not believed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from inventory.formats.unreadable_rows import unreadable_row
from inventory.recording import Part

_HEADING = re.compile(rb"(?:\A|\n)==> /proc/(\d{1,20})/([a-z]+) <==\n")


class ProcessFile(NamedTuple):
    """The content of one file of one process. ``line`` is the number of its first line within the part, from 1."""

    pid: int
    content: bytes
    line: int


def whole_lines(part: Part) -> list[bytes]:
    """The lines of ``part``; the last is left out where the host was cut off in the middle of it."""
    lines = part.content.split(b"\n")
    last = lines.pop()
    if last and not part.truncated:
        lines.append(last)
    return lines


def records(part: Part, file: str) -> dict[int, ProcessFile]:
    """The contents of ``/proc/*/file``, by PID."""
    pattern = re.compile(rb"/proc/(\d{1,20})/" + re.escape(file.encode()) + rb":(.*)", re.DOTALL)
    starts: dict[int, int] = {}
    contents: dict[int, list[bytes]] = {}
    for number, line in enumerate(whole_lines(part), 1):
        match = pattern.fullmatch(line)
        if match is None:
            unreadable_row(f"{part.name}:{number} is not a line of /proc/PID/{file}")
            continue
        pid = int(match[1])
        starts.setdefault(pid, number)
        contents.setdefault(pid, []).append(match[2])
    return {pid: ProcessFile(pid, b"\n".join(lines), starts[pid]) for pid, lines in contents.items()}


def contents(part: Part, file: str) -> dict[int, bytes]:
    """The contents of ``/proc/*/file``, by PID, in either form. A secret may continue on further lines, so redaction
    cannot work line by line.
    """
    # busybox begins with the empty line when it could not open the first file
    if part.content.startswith((b"==> /proc/", b"\n==> /proc/")):
        return {record.pid: record.content for record in _headed(part.content, file)}
    return {record.pid: record.content for record in records(part, file).values()}


def rewritten(part: Part, file: str, contents: Mapping[int, bytes]) -> Part:
    """``part`` with these contents, in the form of ``grep -aH``."""
    lines = [
        b"/proc/%d/%s:%s\n" % (pid, file.encode(), line)
        for pid, content in contents.items()
        for line in content.split(b"\n")
    ]
    return replace(part, content=b"".join(lines))


def _headed(content: bytes, file: str) -> Iterator[ProcessFile]:
    headings = [match for match in _HEADING.finditer(content) if match[2] == file.encode()]
    seen = Counter(int(match[1]) for match in headings)
    ends = [*(match.start() for match in headings[1:]), len(content)]
    for heading, end in zip(headings, ends, strict=False):  # without a heading there is an end all the same
        pid = int(heading[1])
        body = content[heading.end() : end]
        if body and seen[pid] == 1:
            yield ProcessFile(pid, body, 0)
