"""What the running executables, and the C library, say of the machine and the kernel they need."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from elftools.elf.enums import ENUM_E_MACHINE

from inventory.model.libraries import Elf
from inventory.model.mounts import REMOTE_FILESYSTEMS
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.procfs.elf import ElfError, Pieces, read_elf
from inventory.procfs.links import NOTHING, process_links
from inventory.procfs.privilege import denied_reason, either
from inventory.procfs.probe_family import FAMILY_FRAGMENT, STILL_FRAGMENT, other_processes
from inventory.procfs.records import whole_lines
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section, Variant, redact_errors

NAME = "executables"

# For each distinct executable: its first kilobyte as 32-bit words, then the program headers, interpreter and notes that
# lie beyond it (Debian 13 keeps the note of the oldest kernel in the middle of the file). The shell finds them in
# the words it is about to send. The first kilobytes of all are read at once; only what lies beyond takes a program for
# each place.
#
# Words have the machine's byte order, as the running executables do. Offsets are below 2 GB: the upper half of a 64-bit
# offset is not looked at. A file is read through /proc/PID/exe if possible, which also serves what has been deleted
# or lies in another mount namespace. Executables on a remote file system are not read: a dead server would hang the
# probe.
FRAGMENT = (
    FAMILY_FRAGMENT
    + r"""
bf_kinds='"""
    + "|".join(sorted(kind for kind in REMOTE_FILESYSTEMS if not kind.startswith("fuse.")))
    + r"""|fuse|fuse\.[^ ]*|autofs'
bf_remote=`grep -E "^[^ ]+ [^ ]+ ($bf_kinds) " /proc/mounts`
[ -z "$bf_remote" ] || bf_remote=`echo "$bf_remote" | sed 's/^[^ ]* \([^ ]*\) .*/\1/'`
bf_is_remote() {
  set -f
  for bf_mount in $bf_remote; do
    case $1 in "${bf_mount%/}"/*) set +f; return 0 ;; esac
  done
  set +f
  return 1
}
bf_send() {
  [ "$bf_to" -gt 1024 ] || return 0
  echo "at $bf_from"
  od -An -v -tu4 -j $bf_from -N $((bf_to - bf_from)) "$bf_file" 2>/dev/null
}
# Of a deep scan: the dynamic section, whose words are its arguments, and the strings that it names libraries with.
bf_dynamic() {
  bf_strings= bf_low= bf_high=
  while [ $# -ge $((bf_size / 7 * 2)) ]; do
    case $bf_size$bf_order in
      14little) bf_tag=$1 bf_value=$3; shift 4 ;;
      14big) bf_tag=$2 bf_value=$4; shift 4 ;;
      *) bf_tag=$1 bf_value=$2; shift 2 ;;
    esac
    [ ${#bf_value} -lt 10 ] || continue
    case $bf_tag in
      0) break ;;
      1|15|29)
        [ -z "$bf_low" ] && bf_low=$bf_value bf_high=$bf_value
        [ $bf_value -lt $bf_low ] && bf_low=$bf_value
        [ $bf_value -gt $bf_high ] && bf_high=$bf_value ;;
      5) bf_strings=$bf_value ;;
    esac
  done
  [ -n "$bf_low" ] && [ -n "$bf_strings" ] && [ $((bf_high - bf_low)) -le 16384 ] || return 0
  for bf_load in $bf_loads; do
    bf_end=${bf_load##*:} bf_load=${bf_load%:*}
    if [ $bf_strings -ge ${bf_load%:*} ] && [ $bf_strings -lt $bf_end ]; then
      bf_at=$((bf_strings - ${bf_load%:*} + ${bf_load#*:} + bf_low))
      echo "at $bf_at"
      od -An -v -tu4 -j $bf_at -N $((bf_high - bf_low + 256)) "$bf_file" 2>/dev/null
      return 0
    fi
  done
}
bf_load() {
  [ ${#1} -lt 10 ] && [ ${#2} -lt 10 ] && [ ${#3} -lt 10 ] && bf_loads="$bf_loads $1:$2:$(($1 + $3))"
}
# Its arguments are the words of the program headers, 14 of a 64-bit file, 8 of a 32-bit one. What lies close together
# is sent together.
bf_headers() {
  bf_from=0 bf_to=0 bf_loads= bf_linked=
  while [ $bf_count -gt 0 ] && [ $# -ge $bf_size ]; do
    case $1$BF_DEPTH in
      1deep)
        case $bf_size$bf_order in
          14little) bf_load $5 $3 $9 ;;
          14big) bf_load $6 $4 ${10} ;;
          *) bf_load $3 $2 $5 ;;
        esac ;;
      2deep)
        case $bf_size$bf_order in
          14little) bf_linked="$3 $9" ;;
          14big) bf_linked="$4 ${10}" ;;
          *) bf_linked="$2 $5" ;;
        esac ;;
    esac
    case $1 in
      3|4)
        case $bf_size$bf_order in
          14little) bf_at=$3 bf_bytes=$9 ;;
          14big) bf_at=$4 bf_bytes=${10} ;;
          *) bf_at=$2 bf_bytes=$5 ;;
        esac
        if [ ${#bf_at} -lt 10 ] && [ ${#bf_bytes} -lt 5 ] && [ $((bf_at + bf_bytes)) -gt 1024 ]; then
          if [ $bf_at -lt $bf_from ] || [ $((bf_at + bf_bytes)) -gt $((bf_from + 4096)) ]; then
            bf_send
            bf_from=$bf_at bf_to=0
          fi
          [ $((bf_at + bf_bytes)) -gt $bf_to ] && bf_to=$((bf_at + bf_bytes))
        fi ;;
    esac
    shift $bf_size
    bf_count=$((bf_count - 1))
  done
  bf_send
  [ -n "$bf_linked" ] || return 0
  set -- $bf_linked
  [ ${#1} -lt 10 ] && [ ${#2} -lt 5 ] || return 0
  bf_more=`od -An -v -tu4 -j $1 -N $2 "$bf_file" 2>/dev/null`
  echo "at $1"
  echo "$bf_more"
  bf_dynamic $bf_more
}
bf_elf() {
  bf_file=$1 bf_head=$2
  [ -n "$bf_head" ] || bf_head=`od -An -v -tu4 -N 1024 "$bf_file" 2>/dev/null`
  echo 'at 0'
  echo "$bf_head"
  set -- $bf_head
  [ $# -ge 16 ] || return 0
  case $1 in
    1179403647) bf_order=little bf_class=$(($2 % 256)) ;;
    2135247942) bf_order=big bf_class=$(($2 / 16777216)) ;;
    *) return 0 ;;
  esac
  case $bf_class$bf_order in
    2little) bf_size=14 bf_table=$9 bf_count=$((${15} % 65536)) ;;
    2big) bf_size=14 bf_table=${10} bf_count=$((${15} / 65536)) ;;
    1little) bf_size=8 bf_table=$8 bf_count=$((${12} % 65536)) ;;
    1big) bf_size=8 bf_table=$8 bf_count=$((${12} / 65536)) ;;
    *) return 0 ;;
  esac
  [ ${#bf_table} -lt 10 ] && [ $bf_count -le 128 ] || return 0
  if [ $((bf_table % 4)) = 0 ] && [ $((bf_table + 4 * bf_size * bf_count)) -le 1024 ]; then
    [ $# -gt $((bf_table / 4)) ] || return 0
    shift $((bf_table / 4))
    bf_headers "$@"
  else
    echo "at $bf_table"
    bf_more=`od -An -v -tu4 -j $bf_table -N $((4 * bf_size * bf_count)) "$bf_file" 2>/dev/null`
    echo "$bf_more"
    bf_headers $bf_more
  fi
}
bf_show() { printf '%s\n' "$bf_links"; }
bf_add() {
  bf_count_of_files=$((bf_count_of_files + 1))
  eval "bf_says_$bf_count_of_files=\$1 bf_opens_$bf_count_of_files=\$2"
}
# Its arguments are the files. The words of each are a line, when each has a whole first kilobyte, and else there are
# none. (A file that is shorter by less than a word shifts the next one, which then does not begin like an ELF file.)
bf_first_words() {
  head -q -c 1024 "$@" 2>/dev/null | od -An -v -tu4 | awk -v "count=$#" '
    NR % 64 == 1 && $1 != 1179403647 && $1 != 2135247942 { count = -1 }
    { text = text $0; words += NF }
    NR % 64 == 0 { text = text "\n" }
    END { if (words == 256 * count) printf "%s", text }'
}
bf_say() {
  bf_at_file=0
  while [ $bf_at_file -lt $bf_count_of_files ]; do
    bf_at_file=$((bf_at_file + 1))
    eval "bf_label=\$bf_says_$bf_at_file bf_opened=\$bf_opens_$bf_at_file"
    printf '%s\n' "$bf_label"
    case $bf_opened in
      /*) bf_elf "$bf_opened" "$1"; [ $# = 0 ] || shift ;;
      *) echo "$bf_opened" ;;
    esac
  done
}
bf_heads() {
  bf_show | awk '
    match($0, / \/proc\/[0-9]*\/exe -> /) {
      path = substr($0, RSTART + RLENGTH)
      if (path in said) next
      said[path] = 1
      split(substr($0, RSTART + 7), words, "/")
      print words[1] " " path
    }' | {
    bf_count_of_files=0
    set --
    while read -r bf_pid bf_path; do
      bf_opened=/proc/$bf_pid/exe
      if bf_is_remote "$bf_path"; then bf_opened=remote
      elif [ -r "$bf_opened" ]; then :
      elif [ -f "$bf_path" ] && [ -r "$bf_path" ]; then bf_opened=$bf_path
      else bf_opened=unreadable
      fi
      bf_add "file $bf_path" "$bf_opened"
      case $bf_opened in /*) set -- "$@" "$bf_opened" ;; esac
    done
    for bf_path in /lib/ld*.so.[0-9] /lib64/ld*.so.[0-9] /lib/libc.so.6 /lib64/libc.so.6 /lib/*/libc.so.6; do
      [ -f "$bf_path" ] || continue
      bf_add "library $bf_path" "$bf_path"
      set -- "$@" "$bf_path"
    done
    bf_words=
    [ $# = 0 ] || bf_words=`bf_first_words "$@"`
    bf_ifs=$IFS
    IFS='
'
    set -- $bf_words
    IFS=$bf_ifs
    bf_say "$@"
  }
}
bf_links=`each exe ls -ln 2>/dev/null`
if [ "$BF_UID" = 0 ]; then
  part links bf_show
else
  part links-own bf_show
  if [ -n "$BF_ESCALATE" ]; then
    bf_own=$bf_links
    bf_links=`$BF_ESCALATE /usr/bin/find /proc -mindepth 2 -maxdepth 2 '(' -name exe -o -name cwd -o -name root ')' \
      -exec /bin/ls -ln '{}' + 2>/dev/null | grep '/exe -> '`
    if [ -n "$bf_links" ]; then part links bf_show; else bf_links=$bf_own; fi
  else
    root links /usr/bin/find /proc -mindepth 2 -maxdepth 2 '(' -name exe -o -name cwd -o -name root ')' \
      -exec /bin/ls -ln '{}' +
  fi
fi
part heads bf_heads
"""
    + STILL_FRAGMENT
)

_DELETED = " (deleted)"
_MACHINES: dict[int, str] = {
    number: name.removeprefix("EM_") for name, number in ENUM_E_MACHINE.items() if isinstance(number, int)
}


@dataclass
class _File:
    path: str
    line: int
    library: bool
    refused: str = ""
    words: dict[int, list[int]] = field(default_factory=dict)


def parse(recording: SectionRecording) -> Observation[tuple[Elf, ...]]:
    """The ELF files among the running executables, and the C library with its loader, by path. Scripts are none."""
    others = other_processes(recording)
    heads = recording.part("heads")
    listing = either(recording, "links", process_links) or NOTHING
    used = {link.target for link in listing.links if link.pid in others}
    found: dict[str, Elf] = {}
    refused: dict[str, list[str]] = {}
    for file in _files(heads):
        # What only the probe runs is no part of the host. A name that was cut at a newline is in no list.
        if not file.library and file.path not in used:
            continue
        path = file.path.removesuffix(_DELETED)
        try:
            elf = _elf(file, path)
        except ElfError:
            refused.setdefault("malformed", []).append(path)
            continue
        if elf is not None:
            # of a file that was replaced while it ran, the one that is there now
            if path not in found or path == file.path:
                found[path] = elf
        elif file.refused or not any(file.words.values()):
            refused.setdefault(file.refused or "unreadable", []).append(path)
    gaps = [Gap(f"head of {len(paths)} executables", _REFUSALS[why]) for why, paths in refused.items()]
    unseen = len(others - {link.pid for link in listing.links})
    if unseen:
        what = f"executable of {unseen} of {len(others)} processes"
        gaps.append(Gap(what, denied_reason(recording, "links")))
    return Found(tuple(found[path] for path in sorted(found)), tuple(gaps))


_REFUSALS = {
    "remote": "they lie on a remote file system, which is never touched",
    "unreadable": "they could not be read; scan with become",
    "malformed": "they begin like an ELF file and go on like none",
}


def _files(part: Part | None) -> Iterator[_File]:
    current: _File | None = None
    offset = -1
    for number, line in enumerate(whole_lines(part) if part is not None else [], 1):
        text = line.decode("utf-8", "surrogateescape")
        kind, _, path = text.partition(" ")
        if kind in ("file", "library") and path:
            if current is not None:
                yield current
            current, offset = _File(path, number, kind == "library"), -1
        elif current is None:
            raise ParseError(f"heads:{number} belongs to no file")
        elif text in ("remote", "unreadable"):
            current.refused = text
        elif match := re.fullmatch(r"at (\d+)", text):
            offset = int(match[1])
            current.words[offset] = []
        elif offset >= 0 and re.fullmatch(r"[ \d]*", text, re.ASCII):
            current.words[offset].extend(int(word) for word in text.split())
        else:
            raise ParseError(f"heads:{number} is neither a place nor words")
    if current is not None:
        yield current


def _elf(file: _File, path: str) -> Elf | None:
    start = file.words.get(0)
    if not start:
        return None
    order = ">" if start[0] == 0x7F454C46 else "<"
    try:
        pieces = {offset: struct.pack(f"{order}{len(words)}I", *words) for offset, words in file.words.items()}
    except struct.error as error:
        raise ParseError(f"heads:{file.line} has a word of more than 32 bits") from error
    facts = read_elf(Pieces(pieces))
    if facts is None:
        return None
    return Elf(
        path=path,
        bits=facts.bits,
        machine=_MACHINES.get(facts.machine, str(facts.machine)),
        interpreter=facts.interpreter,
        minimum_kernel=facts.minimum_kernel,
        note_seen=facts.note_seen,
        isa_level=facts.isa_level,
        origin=Origin(NAME, "heads", file.line),
        static=facts.static,
        position_independent=facts.position_independent,
        executable_stack=facts.executable_stack,
        needed=facts.needed,
        search_path=facts.search_path,
    )


SECTION: Section[tuple[Elf, ...]] = Section(
    NAME,
    "Machine, class, interpreter and oldest kernel of the running executables",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=16 * 1024 * 1024),),
    redact_errors,
)
