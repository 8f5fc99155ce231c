"""Files that processes have mapped: their libraries, plug-ins, and data read through memory."""

from __future__ import annotations

import re

from inventory.formats.procfs.probe_processes import FAMILY_FRAGMENT, STILL_FRAGMENT, other_processes
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.procfs.root_only_facts import denied_reason, root_or_own
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.libraries import MappedFile
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant, redact_errors

NAME = "libraries"

# Of the mappings of a file only the first and the executable ones are sent: they name every file once or twice. A file
# of which only a later piece is mapped is missed.
FRAGMENT = (
    FAMILY_FRAGMENT
    + r"""
bf_maps() { each maps grep -aH -e '^[^ ]* ..x. .* /' -e '^[^ ]* .... 0* .* /' 2>/dev/null; }
if [ "$BF_UID" = 0 ]; then
  part maps bf_maps
else
  part maps-own bf_maps
  root maps /usr/bin/find /proc -mindepth 2 -maxdepth 2 -name maps \
    -exec /bin/grep -aHE '^[^[:blank:]]+[[:blank:]](..x.|....[[:blank:]]0+)[[:blank:]].*[[:blank:]]/' '{}' +
fi
"""
    + STILL_FRAGMENT
)

_MAPPING = re.compile(
    rb"/proc/(?P<pid>\d{1,20})/maps:[0-9a-f]+-[0-9a-f]+ [-r][-w](?P<x>[-x])[-ps] [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ \d+ +"
    rb"(?P<path>.*)",
    re.DOTALL,
)
_DELETED = " (deleted)"


def parse(recording: SectionRecording) -> Observation[tuple[MappedFile, ...]]:
    """Each mapped file once, with the processes that map it, by path."""
    others = other_processes(recording)
    part = root_or_own(recording, "maps", lambda part: part) or Part("maps", b"")
    pids: dict[str, dict[int, None]] = {}
    executable: set[str] = set()
    lines: dict[str, int] = {}
    for number, line in enumerate(whole_lines(part), 1):
        match = _MAPPING.fullmatch(line)
        if match is None:
            unreadable_row(f"{part.name}:{number} is not a mapping")
            continue
        pid = int(match["pid"])
        path = match["path"].decode("utf-8", "surrogateescape")
        if pid not in others or not path.startswith("/"):
            continue
        pids.setdefault(path, {})[pid] = None
        lines.setdefault(path, number)
        if match["x"] == b"x":
            executable.add(path)
    found = [
        MappedFile(
            # the kernel writes a newline as \012, and nothing else that way
            path=path.removesuffix(_DELETED).replace("\\012", "\n"),
            pids=tuple(sorted(holders)),
            executable=path in executable,
            deleted=path.endswith(_DELETED),
            origin=Origin(NAME, part.name, lines[path]),
        )
        for path, holders in sorted(pids.items())
    ]
    seen = {pid for holders in pids.values() for pid in holders}
    missing = len(others - seen)
    gaps: tuple[Gap, ...] = ()
    if missing:
        what = f"mapped files of {missing} of {len(others)} processes"
        gaps = (Gap(what, denied_reason(recording, "maps")),)
    return Found(tuple(found), gaps)


SECTION: Section[tuple[MappedFile, ...]] = Section(
    NAME,
    "Libraries and other files that processes have mapped",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=48 * 1024 * 1024),),
    redact_errors,
)
