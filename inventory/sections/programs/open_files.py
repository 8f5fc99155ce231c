"""Open files of processes: the files they write, the sockets and pipes that link them to each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inventory.depth import Depth
from inventory.formats.procfs.link_listings import NOTHING, directory_links
from inventory.formats.procfs.probe_processes import FAMILY_FRAGMENT, STILL_FRAGMENT, other_processes
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.procfs.root_only_facts import denied_reason, root_or_own
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.open_files import OpenFile
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.probe.local_filesystems import LOCAL_ROOTS_FRAGMENT
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant, redact_errors

NAME = "open_files"

# Reading the links of /proc/PID/fd touches no file system but /proc, so files on a dead server are no danger here. With
# one directory alone ls prints no heading, hence /dev/null.
#
# A link does not distinguish a FIFO from a file, and to ask the file behind it could hang. Named pipes are searched for
# in their usual places, on file systems in memory; only a deep scan searches the directories of data, if local.
#
# To read /proc/PID/fdinfo costs a file for each descriptor, hence only in a deep scan.
FILES = r"""
if [ "$BF_UID" = 0 ]; then listed fds fd; else listed fds-own fd; fi
"""
FRAGMENT = (
    FAMILY_FRAGMENT
    + LOCAL_ROOTS_FRAGMENT
    + r"""
if [ "$BF_UID" != 0 ]; then
  root fds /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name fd -exec /bin/ls -ln /dev/null '{}' +
fi
bf_fdinfo() { each fdinfo grep -raHE '^(flags|inotify|fanotify)' 2>/dev/null; }
bf_fifos() {
  bf_tops=/run
  [ -d /run ] || bf_tops=/var/run/
  [ "$BF_DEPTH" != deep ] || bf_tops="$bf_tops `bf_local_roots /tmp /var/tmp /var/spool /var/lib /var/opt /opt /srv`"
  set -f
  find /dev $bf_tops -xdev -maxdepth 5 -type p 2>/dev/null
  set +f
}
if [ "$BF_DEPTH" = deep ]; then
  if [ "$BF_UID" = 0 ]; then
    part fdinfo bf_fdinfo
  else
    part fdinfo-own bf_fdinfo
    root fdinfo /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name fdinfo \
      -exec /bin/grep -raHE '^(flags|inotify|fanotify)' '{}' +
  fi
fi
[ "$BF_DEPTH" = quick ] || part fifos bf_fifos
"""
    + STILL_FRAGMENT
)


_DESCRIPTOR = re.compile(r"[0-9]{1,10}")
_DETAIL = re.compile(
    rb"/proc/(\d{1,20})/fdinfo/(\d{1,20}):(?:flags:\s*([0-7]+)|(?:inotify|fanotify)(?P<group> flags:)?+.*)", re.DOTALL
)
"""The first line of fanotify is of the group; each of the others is a watch."""
_WATCHERS = frozenset({"anon_inode:inotify", "anon_inode:[fanotify]"})


class _Detail(NamedTuple):
    """The fields of fdinfo about a descriptor, see proc_pid_fdinfo(5)."""

    flags: int | None = None
    watches: int = 0


def parse(recording: SectionRecording) -> Observation[tuple[OpenFile, ...]]:
    """Descriptors of all processes but the probe's, by PID and number."""
    others = other_processes(recording)
    source = "fds" if (part := recording.part("fds")) is not None and part.content else "fds-own"
    listing = root_or_own(recording, "fds", lambda part: directory_links(part, "fd")) or NOTHING
    details = root_or_own(recording, "fdinfo", _details) or {}
    fifos = frozenset(_fifos(recording.part("fifos")))
    found = [
        OpenFile(
            pid=link.pid,
            descriptor=int(link.name),
            target=link.path,
            readable=link.readable,
            writable=link.writable,
            deleted=link.deleted,
            origin=Origin(NAME, source, link.line),
            fifo=link.path in fifos and not link.deleted,
            flags=details[key].flags if (key := (link.pid, int(link.name))) in details else None,
            watches=details[key].watches if key in details and link.path in _WATCHERS else None,
        )
        for link in listing.links
        if link.pid in others and _DESCRIPTOR.fullmatch(link.name)
    ]
    found.sort(key=lambda file: (file.pid, file.descriptor))
    gaps: list[Gap] = []
    # Every process has descriptors. busybox prints the heading of a directory that it could not open, so that the
    # heading alone proves nothing; and a process that closed them all has none to miss.
    with_files = {file.pid for file in found}
    unseen = len(others - with_files - listing.doubtful)
    if unseen:
        gaps.append(Gap(f"open files of {unseen} of {len(others)} processes", denied_reason(recording, "fds")))
    if listing.doubtful:
        what = f"open files of {len(listing.doubtful)} of {len(others)} processes"
        gaps.append(Gap(what, "a file name made the host's listing ambiguous"))
    return Found(tuple(found), tuple(gaps))


def _details(part: Part) -> dict[tuple[int, int], _Detail]:
    """The contents of fdinfo, by PID and descriptor. Raises ParseError."""
    found: dict[tuple[int, int], _Detail] = {}
    for number, line in enumerate(whole_lines(part), 1):
        match = _DETAIL.fullmatch(line)
        if match is None:
            unreadable_row(f"{part.name}:{number} is not a line of /proc/PID/fdinfo")
            continue
        key = int(match[1]), int(match[2])
        detail = found.get(key, _Detail())
        if match[3]:
            found[key] = detail._replace(flags=int(match[3], 8))
        elif not match["group"]:
            found[key] = detail._replace(watches=detail.watches + 1)
    return found


def _fifos(part: Part | None) -> Iterator[str]:
    """The paths. One with a newline is torn in two, and then no path of an open file is equal to it."""
    for line in whole_lines(part) if part is not None else []:
        yield line.decode("utf-8", "surrogateescape")


SECTION: Section[tuple[OpenFile, ...]] = Section(
    NAME,
    "Files, sockets and pipes that processes hold open",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=32 * 1024 * 1024, files=FILES),),
    redact_errors,
    depth=Depth.QUICK,
)
