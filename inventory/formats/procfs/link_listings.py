r"""Symbolic links of many processes, as ``ls -ln`` prints them.

``ls`` writes names as they are, so a file name with a newline can look like another line of the listing. Such a line
can only be added, never replace the true one: what is listed twice is not believed, and a line that is no listing
continues the name before it. A process can still pretend to have a file open that it has not, but nothing about others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inventory.formats.procfs.process_files import whole_lines
from inventory.recording import Part

# The date has two or three words (`Nov 24 13:27`, `Nov 24  2023`, `2023-11-24 13:27`); EL6 adds a dot to the mode.
_ENTRY = re.compile(
    rb"l([-r])([-w])[-xsStT][-rwxsStT]{6}[.+@]? +\d+ +\d+ +\d+ +\d+ +\S+ +\S+(?: +[\d:]+)? (?P<rest>\S.*)", re.DOTALL
)
_OF_PROCESS = re.compile(rb"/proc/(\d{1,20})/([a-z_]+)(?: -> (.*))?", re.DOTALL)
_IN_DIRECTORY = re.compile(rb"(\w+)(?: -> (.*))?", re.DOTALL)
_DELETED = " (deleted)"


class ProcessLink(NamedTuple):
    """A link of a process. ``name`` is ``exe``, or a descriptor, or a namespace; ``target`` the link's whole text.

    ``readable`` and ``writable`` are the owner's permission bits, which for a descriptor show how it was opened.
    """

    pid: int
    name: str
    target: str
    readable: bool
    writable: bool
    line: int

    @property
    def path(self) -> str:
        """The target without the kernel's mark for a deleted file."""
        return self.target.removesuffix(_DELETED)

    @property
    def deleted(self) -> bool:
        """Whether the kernel marks the target as deleted."""
        return self.target.endswith(_DELETED)


class LinkListing(NamedTuple):
    """Links of processes. ``doubtful`` are the PIDs that were listed twice; none of their links is given. ``seen`` are
    the PIDs whose directory was listed, even if empty.
    """

    links: tuple[ProcessLink, ...]
    seen: frozenset[int]
    doubtful: frozenset[int]


NOTHING = LinkListing((), frozenset(), frozenset())


def kind_of_process_link(line: bytes) -> bytes:
    """``exe`` of a line that lists ``/proc/PID/exe``; b"" where a line does not list a link of a process."""
    entry = _ENTRY.fullmatch(line)
    inner = _OF_PROCESS.fullmatch(entry["rest"]) if entry else None
    return inner[2] if inner else b""


def process_links(part: Part) -> LinkListing:
    """The listing of ``/proc/PID/exe`` and its like. Links that could not be read have no target and are left out."""
    found: list[ProcessLink] = []
    for number, line in _joined(part, _ENTRY):
        entry = _ENTRY.fullmatch(line)
        inner = _OF_PROCESS.fullmatch(entry["rest"]) if entry else None
        if entry is None or inner is None or inner[3] is None:
            continue
        found.append(_link(int(inner[1]), inner[2], inner[3], entry, number))
    return _believed(found, frozenset(link.pid for link in found), set())


def directory_links(part: Part, directory: str) -> LinkListing:
    """The listing of ``/proc/PID/fd`` or ``/proc/PID/ns``, each directory under its heading."""
    heading = re.compile(rb"/proc/(\d{1,20})/" + re.escape(directory.encode()) + rb":")
    total = re.compile(rb"total \d+|")
    known = re.compile(rb"(?s:%s|%s|%s)" % (heading.pattern, total.pattern, _ENTRY.pattern))
    found: list[ProcessLink] = []
    seen: set[int] = set()
    doubtful: set[int] = set()
    pid: int | None = None
    for number, line in _joined(part, known):
        if match := heading.fullmatch(line):
            pid = int(match[1])
            if pid in seen:
                doubtful.add(pid)
            seen.add(pid)
            continue
        entry = _ENTRY.fullmatch(line)
        inner = _IN_DIRECTORY.fullmatch(entry["rest"]) if entry else None
        if pid is None or entry is None or inner is None or inner[2] is None:
            continue
        found.append(_link(pid, inner[1], inner[2], entry, number))
    return _believed(found, frozenset(seen), doubtful)


def _link(pid: int, name: bytes, target: bytes, entry: re.Match[bytes], line: int) -> ProcessLink:
    text = target.decode("utf-8", "surrogateescape")
    return ProcessLink(pid, name.decode("ascii", "surrogateescape"), text, entry[1] == b"r", entry[2] == b"w", line)


def _joined(part: Part, known: re.Pattern[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; a line unlike a listing is joined to the name that it was torn from."""
    current: tuple[int, bytes] | None = None
    for number, line in enumerate(whole_lines(part), 1):
        if current is not None and b" -> " in current[1] and not known.fullmatch(line):
            current = current[0], current[1] + b"\n" + line
            continue
        if current is not None:
            yield current
        current = number, line
    if current is not None:
        yield current


def _believed(found: list[ProcessLink], seen: frozenset[int], doubtful: set[int]) -> LinkListing:
    names: set[tuple[int, str]] = set()
    for link in found:
        if (link.pid, link.name) in names:
            doubtful.add(link.pid)
        names.add((link.pid, link.name))
    return LinkListing(tuple(link for link in found if link.pid not in doubtful), seen, frozenset(doubtful))
