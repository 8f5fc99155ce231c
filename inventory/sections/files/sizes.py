"""The sizes of the directories where workloads and databases store their data.

One walk of the places for data: it reads every directory, so only a deep scan asks. A file system mounted beneath is
not counted, as for ``du -x``.
"""

from __future__ import annotations

import re

from inventory.depth import Depth
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.sizes import DirectorySize
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import Section, Variant, redact_errors
from inventory.sections.files.unmanaged_files import PLACES_FRAGMENT

NAME = "sizes"

# Three levels of every place are listed, and below that what holds a megabyte or more, down to six levels. A name with
# a newline breaks its line; what follows does not begin with a number, or names no absolute path.
FRAGMENT = (
    PLACES_FRAGMENT
    + r"""
bf_du() {
  set -f
  du -kx $bf_roots | awk '
    /^[0-9]+[ \t]+\// {
      at = index($0, "/"); path = substr($0, at); depth = gsub(/\//, "/", path)
      if (depth <= 3 || (depth <= 6 && $1 >= 1024)) print $1 " " path
    }'
}
bf_wanted=/var
for bf_place in $bf_places; do
  case $bf_place in
    /etc|/usr/*|/var/*) ;;
    *) bf_wanted="$bf_wanted $bf_place" ;;
  esac
done
bf_roots=`bf_local_roots $bf_wanted /home`
[ -n "$bf_roots" ] && part list bf_du
"""
)

_ROW = re.compile(r"(?P<kilobytes>\d{1,18}) (?P<path>/.*)", re.DOTALL)


def parse(recording: SectionRecording) -> Observation[tuple[DirectorySize, ...]]:
    """By path. A local file system mounted beneath a place is a separate place, and its size is not in that one."""
    part = recording.part("list")
    if part is None:
        return Unknown("the walk did not begin")
    found: dict[str, DirectorySize] = {}
    for number, line in enumerate(whole_lines(part), 1):
        match = _ROW.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"list:{number} is not the size of a directory")
            continue
        size = DirectorySize(match["path"], int(match["kilobytes"]) * 1024, Origin(NAME, "list", number))
        found.setdefault(size.path, size)
    gaps: list[Gap] = []
    denied = recording.errors.count(b"ermission denied")
    if denied:
        gaps.append(Gap(f"contents of {denied} directories", "permission denied; scan with become"))
    return Found(tuple(found[path] for path in sorted(found)), tuple(gaps))


SECTION: Section[tuple[DirectorySize, ...]] = Section(
    NAME,
    "Sizes of the data directories.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=60, cap=4 * 1024 * 1024),),
    redact_errors,
    Depth.DEEP,
)
