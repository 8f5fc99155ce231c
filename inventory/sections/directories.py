"""Directories in which services keep what they must not lose, and where software lies that no package brought."""

from __future__ import annotations

import re

from inventory.model.directories import Directory
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.procfs.records import whole_lines
from inventory.recording import SectionRecording
from inventory.section import ParseError, Section, Variant

NAME = "directories"

# Three levels, one file system at a time: a remote mount below is not entered. `ls -ldn` prints a name with a newline
# over two lines; `-b` or `-q` would help and are not everywhere, so such names are left out by the pattern of find.
FRAGMENT = r"""
bf_find() {
  for bf_top in /var/lib /srv /opt /var/opt /var/www /usr/local /var/spool /var/cache /home /data /u01; do
    [ -d "$bf_top" ] && find "$bf_top" -xdev '(' -path '/*/*/*/*/*' -o -path '/var/*/*/*/*' ')' -prune -o \
      -type d '!' -name '*
*' -print0
  done | xargs -0 ls -ldn /
}
part list bf_find
"""

_ROW = re.compile(
    r"d(?P<bits>[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-])[.+@]?\s+\S+\s+(?P<uid>\d+)\s+(?P<gid>\d+)\s+.*?(?P<path>/.*)"
)


def parse(recording: SectionRecording) -> Observation[tuple[Directory, ...]]:
    """Directories by path. The root directory, asked so that `ls` never runs without a name, is left out."""
    part = recording.part("list")
    if part is None or not part.content:
        return Unknown("no directory could be listed")
    found: list[Directory] = []
    for number, line in enumerate(whole_lines(part), 1):
        text = line.decode("utf-8", "surrogateescape")
        match = _ROW.fullmatch(text)
        if match is None:
            raise ParseError(f"list:{number} is not a directory")
        if match["path"] != "/":
            found.append(
                Directory(
                    match["path"],
                    int(match["uid"]),
                    int(match["gid"]),
                    _mode(match["bits"]),
                    Origin(NAME, "list", number),
                )
            )
    denied = recording.errors.count(b"ermission denied")
    gaps = (Gap(f"{denied} directories", "permission denied; scan with become"),) if denied else ()
    return Found(tuple(sorted(found, key=lambda directory: directory.path)), gaps)


def _mode(bits: str) -> int:
    mode = 0
    for place, letter in enumerate(bits):
        if letter not in "-ST":
            mode |= 1 << (8 - place)
    for place, letters, bit in ((2, "sS", 0o4000), (5, "sS", 0o2000), (8, "tT", 0o1000)):
        if bits[place] in letters:
            mode |= bit
    return mode


SECTION = Section(
    NAME,
    "Directories of data and of unpackaged software, with owner and mode.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=20, cap=4 * 1024 * 1024),),
)
