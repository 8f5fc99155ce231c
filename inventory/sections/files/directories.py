"""Directories in which services keep what they must not lose, and where software lies that no package brought."""

from __future__ import annotations

import re

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.directories import Directory
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.probe.local_filesystems import LOCAL_ROOTS_FRAGMENT
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "directories"

# Three levels below each place, one file system at a time. Layers of containers and the databases of package managers
# are not data of a service. `ls -ldn` prints a name with a newline over two lines, so such names are left out. Of up to
# 60 KB the names are arguments at once: 128 KB is what kernels before 2.6.23 take.
FRAGMENT = (
    LOCAL_ROOTS_FRAGMENT
    + r"""
bf_newline='
'
bf_find() {
  find $bf_roots -xdev -maxdepth 3 '(' -path "*$bf_newline*" -o -path '/var/lib/docker/*/*' -o \
    -path '/var/lib/containers/*/*' -o -path '/var/lib/dpkg/*' -o -path '/var/lib/apt/*' -o -path '/var/lib/rpm/*' -o \
    -path '/usr/local/share/*/*' -o -path '/home/*/.?*' -o -path '/var/lib/systemd/*/*' ')' -prune -o -type d -print
}
bf_list() {
  bf_find_roots /var/lib /srv /opt /var/opt /var/www /usr/local /var/spool /var/cache /home /data /u01
  set -f
  bf_names=
  [ -z "$bf_roots" ] || bf_names=`bf_find`
  if [ ${#bf_names} -lt 60000 ]; then
    IFS=$bf_newline
    ls -ldn / $bf_names
  else
    printf '%s\n' "$bf_names" | tr '\n' '\000' | xargs -0 ls -ldn /
  fi
}
part list bf_list
"""
)

_ROW = re.compile(
    r"d(?P<bits>[r-][w-][xsS-][r-][w-][xsS-][r-][w-][xtT-])[.+@]?\s+\S+\s+(?P<uid>\d{1,20})\s+(?P<gid>\d{1,20})\s++[^/]*(?P<path>/.*)"
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
            unreadable_row(f"list:{number} is not a directory")
            continue
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
    gaps = (Gap(f"contents of {denied} directories", "permission denied; scan with become"),) if denied else ()
    # the root directory is printed once for each batch of names, and a mount beneath a place is walked from both
    return Found(tuple(sorted(dict.fromkeys(found), key=lambda directory: directory.path)), gaps)


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
