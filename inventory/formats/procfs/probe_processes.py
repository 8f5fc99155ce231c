"""The processes of the probe itself, which are no part of what the host runs.

Sections about processes begin with FAMILY_FRAGMENT, end with STILL_FRAGMENT, and look only at :func:`other_processes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from inventory.formats.procfs.process_files import records, whole_lines
from inventory.formats.procfs.process_stat import PF_KTHREAD, Stat, parse_stat
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError

FAMILY_FRAGMENT = """
shares_processes || part family bf_family
"""
"""Records the part ``family``: ``probe PID``, then the lines of ``/proc/PID/stat`` behind their paths. Where there are
hundreds of processes only what is needed of each: its PID, parent, session, flags, state, and ``PID (NAME`` (of a name
with a newline only the end). The probe lists them once, for all sections that ask, unless they were gathered.
"""

STILL_FRAGMENT = """
bf_still() { echo /proc/[0-9]*; }
part still bf_still
"""
"""Records the part ``still``: the processes that run at the end. Access to those that ended in between was not denied.
"""

_ESCALATORS = frozenset({"sudo", "su", "doas", "runuser", "dzdo", "pbrun", "pfexec", "ksu"})
_PROBE = re.compile(rb"probe (\d{1,20})")
_PROC = re.compile(rb"/proc/(\d{1,20})")
_ROW = re.compile(rb"(\d{1,20}) (\d{1,20}) (-?\d{1,20}) (\d{1,20}) ([A-Za-z]) (?:\d+ \()?(.*)", re.DOTALL)


class Relative(NamedTuple):
    """A process with what is needed to tell whether it belongs to the probe."""

    pid: int
    ppid: int
    session: int
    name: str
    empty: bool = False


def other_processes(recording: SectionRecording) -> frozenset[int]:
    """The PIDs that are not of the probe and have memory and files of their own (no kernel threads, no zombies).

    They are those that ran when the probe began: later ones are its own tools, or too young to be known everywhere.
    Processes that ended before the section did are left out: on a busy host there are always some. Raises ParseError
    when the part is missing or malformed.
    """
    part = recording.part("family")
    if part is None:
        raise ParseError("the list of processes is missing")
    lines = whole_lines(part)
    probe = next((int(match[1]) for line in lines if (match := _PROBE.fullmatch(line))), None)
    if probe is None:
        raise ParseError("family does not name the probe's process")
    if any(line.startswith(b"/proc/") for line in lines):
        named = [line for line in lines if not _PROBE.fullmatch(line)]
        relatives = _relatives(replace(part, content=b"".join(line + b"\n" for line in named)))
    else:
        relatives = []
        for number, line in enumerate(lines, 1):
            with skip_row:
                relatives += [] if _PROBE.fullmatch(line) else [_relative(line, number)]
    own = probe_processes(probe, relatives)
    others = frozenset(relative.pid for relative in relatives if relative.pid not in own and not relative.empty)
    still = still_running(recording)
    return others if still is None else others & still


def _relative(line: bytes, number: int) -> Relative:
    row = _ROW.fullmatch(line)
    if row is None:
        raise ParseError(f"family:{number} is not a process")
    # neither a kernel thread nor a zombie has files or memory that could be missed
    empty = bool(int(row[4]) & PF_KTHREAD) or row[5] in b"ZXx"
    return Relative(int(row[1]), int(row[2]), int(row[3]), row[6].decode("utf-8", "replace"), empty)


def _relatives(part: Part) -> list[Relative]:
    stats: list[Stat] = []
    for record in records(part, "stat").values():
        with skip_row:
            stats.append(parse_stat(record.content))
    return [
        Relative(stat.pid, stat.ppid, stat.session, stat.name, bool(stat.flags & PF_KTHREAD) or stat.state in "ZXx")
        for stat in stats
    ]


def still_running(recording: SectionRecording) -> frozenset[int] | None:
    """The PIDs of the part ``still``; None when the answer ended before it. Raises ParseError when it is malformed."""
    part = recording.part("still")
    lines = whole_lines(part) if part is not None else []
    if not lines:
        return None
    pids = set()
    for number, word in ((number, word) for number, line in enumerate(lines, 1) for word in line.split()):
        match = _PROC.fullmatch(word)
        if match is None:
            unreadable_row(f"still:{number} is not a list of processes")
            continue
        pids.add(int(match[1]))
    return frozenset(pids)


def probe_processes(probe: int, relatives: Iterable[Relative]) -> frozenset[int]:
    """The PIDs of the probe's shell, of all its descendants, and of what started it.

    Upwards these are the login shell and its wrappers, which share its session, and the programs that changed the user
    (sudo may give the command a separate session). The sshd process above them is not included: it belongs to a
    service.
    """
    by_pid = {relative.pid: relative for relative in relatives}
    own = {probe}
    current = by_pid.get(probe)
    while current is not None:
        parent = by_pid.get(current.ppid)
        if parent is None or parent.pid in own or parent.pid == 1:
            break
        if parent.session != current.session and parent.name not in _ESCALATORS:
            break
        own.add(parent.pid)
        current = parent
    children: dict[int, list[int]] = {}
    for relative in by_pid.values():
        children.setdefault(relative.ppid, []).append(relative.pid)
    todo = [probe]
    while todo:
        for child in children.get(todo.pop(), ()):
            if child not in own:
                own.add(child)
                todo.append(child)
    return frozenset(own)
