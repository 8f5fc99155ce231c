"""What processes hold open: the files they write, the sockets and pipes that tie them to each other."""

from __future__ import annotations

from inventory.depth import Depth
from inventory.model.open_files import OpenFile
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.procfs.links import NOTHING, directory_links
from inventory.procfs.privilege import denied_reason, either
from inventory.procfs.probe_family import FAMILY_FRAGMENT, STILL_FRAGMENT, other_processes
from inventory.recording import SectionRecording
from inventory.section import Section, Variant, redact_errors

NAME = "open_files"

# Reading the links of /proc/PID/fd touches no file system but /proc, so files on a dead server are no danger here. With
# one directory alone ls prints no heading, hence /dev/null.
FRAGMENT = (
    FAMILY_FRAGMENT
    + r"""
bf_fds() { echo /proc/[0-9]*/fd | xargs ls -ln /dev/null 2>/dev/null; }
if [ "$BF_UID" = 0 ]; then
  part fds bf_fds
else
  part fds-own bf_fds
  root fds /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name fd -exec /bin/ls -ln /dev/null '{}' +
fi
"""
    + STILL_FRAGMENT
)


def parse(recording: SectionRecording) -> Observation[tuple[OpenFile, ...]]:
    """Descriptors of all processes but the probe's, by PID and number."""
    others = other_processes(recording)
    source = "fds" if (part := recording.part("fds")) is not None and part.content else "fds-own"
    listing = either(recording, "fds", lambda part: directory_links(part, "fd")) or NOTHING
    found = [
        OpenFile(
            pid=link.pid,
            descriptor=int(link.name),
            target=link.path,
            readable=link.readable,
            writable=link.writable,
            deleted=link.deleted,
            origin=Origin(NAME, source, link.line),
        )
        for link in listing.links
        if link.pid in others and link.name.isascii() and link.name.isdigit()
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


SECTION: Section[tuple[OpenFile, ...]] = Section(
    NAME,
    "Files, sockets and pipes that processes hold open",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=32 * 1024 * 1024),),
    redact_errors,
    depth=Depth.QUICK,
)
