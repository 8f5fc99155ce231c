"""Mounted file systems with the usage of the local ones, entries of fstab and autofs, NFS exports, and swap.

Sizes are asked of local file systems only: `df` on a mount of a dead NFS server waits for ever.
"""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.formats.grep_lines import FileLine, file_lines, redact_files
from inventory.formats.procfs.mount_files import automounts, exports, mount_options, plain, swaps
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import skip_row, unreadable_row
from inventory.model.mounts import FstabEntry, Mount, Mounts
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Redact, Section, Variant
from inventory.sections.windows.mounts import VARIANT as WINDOWS

NAME = "mounts"

# mountinfo exists since Linux 2.6.26; /proc/mounts serves older kernels.
FILES = r"""
bf_table=/proc/self/mountinfo
[ -r $bf_table ] || bf_table=/proc/mounts
bf_parts="@table=$bf_table"
set -- $bf_table
if [ -r /etc/fstab ] && [ -s /etc/fstab ]; then bf_parts=$bf_parts,@fstab=/etc/fstab; set -- "$@" /etc/fstab; fi
set -- "$@" /proc/swaps
for bf_file in /etc/exports /etc/exports.d/*.exports /etc/auto.* /etc/auto.master.d/*.autofs /etc/autofs/auto.*; do
  [ -f "$bf_file" ] || continue
  # a map with the bit x is a program, and its text no map
  if [ -x "$bf_file" ]; then continue; fi
  case $bf_file in *:*|*~|*.bak|*.old|*.orig|*.rpm*|*.dpkg-*) continue ;; esac
  if [ -r "$bf_file" ]; then set -- "$@" "$bf_file"; else denied "$bf_file"; fi
done
want "$bf_parts,files=/proc/swaps|/etc/exports*|/etc/auto*" "$@"
"""

# The types that are asked for their size are named one by one, so that an unknown remote type is never touched. Of
# several mounts on one target the last one answers, and below a remote mount nothing is asked. A target with an escape
# in it (a space) is left out.
FRAGMENT = r"""
bf_few_targets() {
  set -f
  IFS='
'
  bf_sized= bf_others= bf_seen=
  for bf_row in $BF_MOUNTS; do
    bf_path=${bf_row#* }
    bf_type=${bf_path#* }
    bf_path=${bf_path%% *}
    case $bf_path in *\\*|/proc/*|/sys/*|/dev/*|/run/*) continue ;; esac
    case "$bf_seen " in *" $bf_path "*) return 1 ;; esac
    bf_seen="$bf_seen $bf_path"
    case ${bf_type%% *} in
      ext[234]|xfs|btrfs|reiserfs|jfs|zfs|f2fs|vfat|overlay|tmpfs|ufs|nilfs2|aufs) bf_sized="$bf_sized $bf_path" ;;
      rootfs|ramfs|squashfs|devtmpfs) ;;
      *) bf_others="$bf_others $bf_path" ;;
    esac
  done
  unset IFS
  bf_targets=
  for bf_path in $bf_sized; do
    for bf_other in $bf_others; do
      case ${bf_path%/}/ in "${bf_other%/}"/*) continue 2 ;; esac
    done
    bf_targets="$bf_targets $bf_path"
  done
}
bf_many_targets() {
  printf '%s\n' "$BF_MOUNTS" | awk '
    $2 !~ /\\/ { kind[$2] = $3 }
    function ours(type) {
      return type ~ /^(ext[234]|xfs|btrfs|reiserfs|jfs|zfs|f2fs|vfat|overlay|tmpfs|ufs|nilfs2|aufs)$/
    }
    function passable(type) { return ours(type) || type ~ /^(rootfs|ramfs|squashfs|devtmpfs)$/ }
    END {
      for (target in kind) {
        if (!ours(kind[target]) || target ~ "^/(proc|sys|dev|run)/") continue
        reachable = 1
        for (mount in kind) {
          above = mount == "/" ? mount : mount "/"
          if (index(target, above) == 1 && !passable(kind[mount])) reachable = 0
        }
        if (reachable) print target
      }
    }'
}
bf_sizes() {
  # A shell makes less of a few dozen mounts than a program costs. Several on one target are left to awk.
  [ ${#BF_MOUNTS} -lt 8000 ] && bf_few_targets || bf_targets=`bf_many_targets`
  unset IFS
  set -f
  [ -z "$bf_targets" ] || df -P -k $bf_targets
  set +f
}
if [ ! -r /etc/fstab ] || [ ! -s /etc/fstab ]; then
  [ ! -e /etc/fstab ] || part fstab [ -r /etc/fstab ]
fi
part sizes bf_sizes
"""

# What follows the name of a file system, in which there may be blanks.
_COUNT = re.compile(r"[0-9]+\Z|#")
_SIZE = re.compile(
    r"(?<=\S)\s++(?P<size>\d{1,18})\s++(?P<used>\d{1,18})\s++-?\d++\s++(?:\d++%|-)\s++(?P<target>/.*)", re.ASCII
)


def parse(recording: SectionRecording) -> Observation[Mounts]:
    """Mounts in mount order; a later mount on the same target hides the earlier one."""
    part = recording.part("table")
    if part is None or not part.content:
        return Unknown("the table of mounts could not be read: is /proc mounted?")
    sizes = _sizes(recording)
    mounts: list[Mount] = []
    for number, line in enumerate(whole_lines(part), 1):
        text = line.decode("utf-8", "surrogateescape")
        with skip_row:
            source, target, filesystem, options, root, device = _row(text, number)
            size, used = sizes.get(target, (None, None))
            origin = Origin(NAME, "table", number)
            mounts.append(Mount(source, target, filesystem, options, root, size, used, origin, device))
    fstab, gaps = _fstab(recording)
    # The others that may complain are df and cat.
    denied = len(re.findall(rb"(?m)^grep: .*ermission denied", recording.errors))
    if denied:
        gaps = (*gaps, Gap(f"{denied} files of exports or autofs", "permission denied; scan with become"))
    rows: dict[str, list[FileLine]] = {"swap": [], "export": [], "auto": []}
    for row in file_lines(recording.part("files")):
        kind = "swap" if row.path == "/proc/swaps" else "export" if row.path.startswith("/etc/exports") else "auto"
        rows[kind].append(row)
    return Found(
        Mounts(
            tuple(mounts),
            fstab,
            exports=tuple(exports(rows["export"], NAME, "files")),
            automounts=tuple(automounts(rows["auto"], NAME, "files")),
            swaps=tuple(swaps(rows["swap"], NAME, "files")),
        ),
        gaps,
    )


def _row(text: str, number: int) -> tuple[str, str, str, tuple[str, ...], str, str]:
    fields = text.split(" ")
    if "-" in fields[6:] and len(fields) >= 10:
        # mountinfo: id parent major:minor root target options [optional ...] - type source super-options
        dash = fields.index("-", 6)
        if len(fields) < dash + 4:
            raise ParseError(f"table:{number} ends within a mount")
        options = tuple(dict.fromkeys([*mount_options(fields[5]), *mount_options(fields[dash + 3])]))
        return plain(fields[dash + 2]), plain(fields[4]), fields[dash + 1], options, plain(fields[3]), fields[2]
    if len(fields) == 6 and fields[1].startswith("/"):
        return plain(fields[0]), plain(fields[1]), fields[2], mount_options(fields[3]), "/", ""
    raise ParseError(f"table:{number} is not a mount")


def _sizes(recording: SectionRecording) -> dict[str, tuple[int, int]]:
    part = recording.part("sizes")
    sizes: dict[str, tuple[int, int]] = {}
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        text = line.decode("utf-8", "surrogateescape")
        match = _SIZE.search(text)
        if match:
            sizes[match["target"]] = (int(match["size"]) * 1024, int(match["used"]) * 1024)
        elif not text.startswith(("Filesystem", "df:")):
            unreadable_row(f"sizes:{number} is not a file system")
    return sizes


def _fstab(recording: SectionRecording) -> tuple[tuple[FstabEntry, ...], tuple[Gap, ...]]:
    part = recording.part("fstab")
    if part is None:
        return (), ()
    if part.status != 0:
        return (), (Gap("/etc/fstab", "it could not be read"),)
    entries: list[FstabEntry] = []
    for number, line in enumerate(whole_lines(part), 1):
        text = line.decode("utf-8", "surrogateescape").strip()
        if not text or text.startswith("#"):
            continue
        fields = text.split()
        # As libmount: a line may end behind the type, and two numbers follow the options. Prose is not an entry.
        if len(fields) < 3 or not all(map(_COUNT.match, fields[4:6])):
            continue
        if not fields[1].startswith("/") and fields[2] != "swap":
            continue
        options = mount_options(fields[3]) if len(fields) > 3 else ("defaults",)
        entries.append(
            FstabEntry(plain(fields[0]), plain(fields[1]), fields[2], options, Origin(NAME, "fstab", number))
        )
    return tuple(entries), ()


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Files one by one. Any user may mount file systems of FUSE, so of a table each line is of its own."""

    def hidden(part: Part) -> Part:
        if part.name == "files":
            return redact_files(part, redact)
        own = redact.within(b"/etc/fstab").text if part.name == "fstab" else redact.lines
        return replace(part, content=own(part.content))

    return replace(recording, parts=tuple(map(hidden, recording.parts)), errors=redact.lines(recording.errors))


SECTION = Section(
    NAME,
    "Mounted file systems, sizes of the local ones, fstab, autofs, NFS exports and swap.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=10, cap=1024 * 1024, files=FILES), WINDOWS),
    redact,
)
