r"""Small files of many sections, read by one program: the shell's half of it, and the split of what that printed.

A program costs a host five times what it reads, so sections name the files that they want whole (``Variant.files``, see
:mod:`inventory.section`), and one ``grep`` reads them all before the first section is asked. It prints ``PATH:LINE``,
and a file that surely exists, by a path that only this program writes so, is before those of each ``want``. Another
``grep`` takes chosen lines of files of which the rest is not ours to know: each section gets those that any of them
chose. One ``ls`` lists the links of processes; whose they are tells their names.

Where that fails on the host in any way (a file that hangs, too many names, an answer over the cap) nothing of it
counts, and each section reads its own files, as it also does when it is asked alone. Files of every process are
gathered only where there are not hundreds of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from inventory.formats.procfs.link_listings import kind_of_process_link
from inventory.probe.multi_file_parts import split_parts
from inventory.recording import Part

BATCH_PART = "gathered"
"""Stands in the answer where a section's name does."""
MARKS = ("want", "match", "listed", "family", "denied")
"""The section under which the batch is sent, before the answers."""
MOST_MARKS = 1000
ARGUMENTS = frozenset({"cmdline", "environ", "environ-own"})
"""Parts with a NUL after each word."""

SECONDS = 15
"""After which each section reads its own."""
_MANY = 300
"""Processes from which on the names of their files are too many for one program."""

# The names lie in a variable, one a line: an array of the shell could not grow from function to function, and to set it
# anew for each file costs the square of their number. A name with a newline in it comes out as two, and is noticed by
# their count. A list that is longer than some systems pass to a program is left to the sections, too.
FUNCTIONS = r"""
BF_GATHERED= BF_GATHERS= BF_DROP= BF_SHARES=
gathering() { [ -n "$BF_GATHERS" ]; }
gathered() { [ -n "$BF_GATHERED" ]; }
shares_processes() { [ -n "$BF_GATHERED" ] && [ -n "$BF_SHARES" ]; }
gathered_each() { [ -n "$BF_GATHERED" ] && [ $BF_PROCESSES -le @MANY@ ]; }
bf_grep_is_whole() {
  # Of GNU. What is a link is an applet of busybox or the like, of which some cut a line at its first NUL.
  IFS=:
  for bf_place in $PATH; do
    [ -x "$bf_place/grep" ] || continue
    unset IFS
    [ ! -L "$bf_place/grep" ] && [ ! "$bf_place/grep" -ef /bin/busybox ]
    return
  done
  unset IFS
  return 1
}
bf_list_processes() {
  # Once for all sections that ask, and where they are gathered they are listed by that.
  BF_SHARES= BF_WHOLE= BF_STATS= BF_FAMILY=
  if [ -z "$1" ] && [ $bf_from = 1 ] && [ $BF_PROCESSES -le @MANY@ ] && bf_grep_is_whole; then
    BF_SHARES=yes BF_WHOLE=yes
  else
    bf_list_stats
    bf_list_family
  fi
}
bf_read_files() {
  if [ -n "$BF_DROP" ]; then grep -aHvE "$BF_DROP" "$@" 2>/dev/null; else grep -aH '' "$@" 2>/dev/null; fi
}
bf_match_files() { grep -aHE "$@" 2>/dev/null; }
bf_list() { each "$1" ls -ln /dev/null 2>/dev/null; }
bf_lines_of() {
  IFS='
'
  bf_lines="
/proc/sys/kernel//ostype
$*"
  unset IFS
}
drop() { BF_DROP="$BF_DROP${BF_DROP:+|}$1"; }
want() {
  bf_names=@$1; shift
  if ! gathering; then part "$bf_names" bf_read_files "$@"; return; fi
  BF_WANTS="$BF_WANTS
$N want $BF_GATHERS $bf_names
"
  bf_lines_of "$@"
  BF_WANTED=$BF_WANTED$bf_lines BF_COUNT=$((BF_COUNT + 1 + $#))
}
want_matching() {
  bf_names=@$1 bf_regex=$2; shift; shift
  if ! gathering; then part "$bf_names" bf_match_files "$bf_regex" "$@"; return; fi
  BF_WANTS="$BF_WANTS
$N match $BF_GATHERS $bf_names
"
  bf_lines_of "$@"
  BF_MATCH="$BF_MATCH|$bf_regex" BF_MATCHED=$BF_MATCHED$bf_lines BF_MATCHES=$((BF_MATCHES + 1 + $#))
}
want_each() {
  bf_names=$1 bf_files=$2
  if ! gathering; then parts "$bf_names" each "$bf_files" grep -aH '' 2>/dev/null; return; fi
  set --
  for bf_file in $bf_files; do set -- "$@" /proc/[0-9]*/$bf_file; done
  want "$bf_names" "$@"
}
listed() {
  if ! gathering; then part "$1" bf_list "$2"; return; fi
  BF_WANTS="$BF_WANTS
$N listed $BF_GATHERS $1 $2
"
  BF_LISTED="$BF_LISTED $2"
}
denied() {
  if ! gathering; then printf 'grep: %s: Permission denied\n' "$1" >&2; return; fi
  BF_DENIED=$((BF_DENIED + 1))
  [ $BF_DENIED -le 500 ] || return 0
  BF_WANTS="$BF_WANTS
$N denied $BF_GATHERS $1
"
}
bf_gather_lines() {
  bf_names=$1 bf_lines=$2 bf_count=$3; shift; shift; shift
  bf_count=$((bf_count + $#))
  set -f
  IFS='
'
  set -- "$@" $bf_lines
  unset IFS
  set +f
  [ $# = $bf_count ] || exit 1
  bf_gather_part "$bf_names" "$@"
}
bf_gather_part() {
  printf '\n%s part %s\n' "$N" "$1"
  shift
  "$@"
  bf_status=$?
  printf '\n%s done %s\n' "$N" $bf_status
  [ $bf_status -le 2 ] || exit 1
}
bf_gather() {
  [ -r /proc/sys/kernel/ostype ] && [ ${#BF_WANTED} -lt 60000 ] && [ ${#BF_MATCHED} -lt 60000 ] || exit 1
  printf '%s' "$BF_WANTS"
  bf_gather_lines @files "$BF_WANTED" $BF_COUNT bf_read_files
  [ -z "$BF_MATCHED" ] || bf_gather_lines @match "$BF_MATCHED" $BF_MATCHES bf_match_files "^Linux\$$BF_MATCH"
  [ -z "$BF_LISTED" ] || bf_gather_part @list bf_list "$BF_LISTED"
  BF_GATHERS= BF_DROP=
}
""".replace("@MANY@", str(_MANY))

_APART = b"/proc/sys/kernel//ostype:"


def with_own_files(name: str, files: str, fragment: str) -> str:
    """``fragment`` with the line by which the section ``name`` reads its own files where they were not read in the
    batch.

    Files of processes are read while the processes that ran before are known; other files come last, since one that
    hangs takes everything after it.
    """
    if _of_each(files):
        return f"gathered_each || bf_files_{name}\n{fragment}"
    return f"{fragment}\ngathered || bf_files_{name}"


def batch_function(files: Mapping[str, str], relatives: Iterable[str]) -> str:
    """The function that asks for the files of all sections at once. ``files``: fragments by the name of the section.

    ``relatives``: sections that need to know which processes are the probe's own.
    """
    marks = "".join(f"\n$N family {name}\n" for name in relatives)
    family = f'[ -z "$BF_SHARES" ] || BF_WANTS="$BF_WANTS{marks}"\n' if marks else ""
    calls = "".join(
        f"BF_GATHERS={name}; {f'[ $BF_PROCESSES -gt {_MANY} ] || ' if _of_each(text) else ''}bf_files_{name}\n"
        for name, text in files.items()
    )
    nothing = "BF_WANTS= BF_WANTED= BF_COUNT=0 BF_MATCH= BF_MATCHED= BF_MATCHES=0 BF_LISTED= BF_DENIED=0"
    return f"bf_{BATCH_PART}() {{\n{nothing}\n{calls}{family}bf_gather\n}}\n"


def _of_each(files: str) -> bool:
    """Whether a section needs files of every process: then all that it needs is read in the batch only where those are
    few.
    """
    return re.search(r"\b(?:want_each|listed)\b", files) is not None


class Mark(NamedTuple):
    """One of :data:`MARKS`: its section, and the text after it."""

    word: str
    section: str
    words: str


class BatchedParts(NamedTuple):
    """Parts by section. ``again``: sections for which the host must be asked in another way."""

    parts: dict[str, list[Part]]
    again: frozenset[str]


def split(answers: Iterable[Part], marks: Sequence[Mark], pid: int) -> BatchedParts:
    """The parts of each section in the batch. ``pid`` is the probe's shell.

    A host that answers in place of the probe can list any number of files; a probe lists some dozen files once.
    """
    asked = {word: [(mark.section, mark.words) for mark in marks if mark.word == word] for word in MARKS}
    first = {part.name: part for part in reversed(list(answers))}
    found: dict[str, list[Part]] = {}
    count = 0
    for name, splits, those in (
        ("@files", split_files, "want"),
        ("@match", split_files, "match"),
        ("@list", split_list, "listed"),
    ):
        for section, part in splits(first[name], asked[those]) if name in first else ():
            count += 1
            if count > MOST_MARKS:
                break
            found.setdefault(section, []).append(part)
    again = frozenset(
        section
        for section, parts in found.items()
        for part in parts
        if part.name == "cmdline" and not _is_whole(part, pid)
    )
    for section in again:
        found[section] = [part for part in found[section] if part.name not in ARGUMENTS]
    for stat in [part for part in found.get("processes", ()) if part.name == "stat"][:1]:
        family = Part("family", b"probe %d\n" % pid + stat.content, stat.status, stat.truncated)
        for section, _ in asked["family"]:
            found.setdefault(section, []).append(family)
    return BatchedParts(found, again)


def split_files(part: Part, wants: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Part]]:
    """Section and part of the output for ``wants``: section, and names in the notation of ``parts``."""
    # The output between two of them belongs to the file with the same number; before the first there is nothing.
    _, *answers = (b"\n" + part.content).split(b"\n" + _APART)
    for number, ((section, names), answer) in enumerate(zip(wants, answers, strict=False), 1):
        _, _, content = answer.partition(b"\n")
        last = number == len(answers)
        content = content if last or not content else content + b"\n"
        for found in split_parts(Part(names, content, part.status, truncated=part.truncated and last)):
            yield section, found


_HEADING = re.compile(rb"/proc/\d+/(\w+):")
_MOST_LISTED = 8 << 20
"""Bytes of a listing; 300 processes with a hundred open files each make 2 MB."""


def split_list(part: Part, listed: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Part]]:
    """Section and part, of a listing for ``listed``: section, and the name of a part with the kinds of links in it.

    Links are behind their paths, then come directories (fd, ns), each under its heading and behind an empty line. A
    name with a newline in it can look like any of these lines. A line that looks like a link of a process is given to
    its part wherever it is, where it can only be one too many; and a heading that comes twice is not believed
    (:mod:`inventory.formats.procfs.link_listings`).
    """
    kinds: dict[bytes, list[bytes]] = {}
    parts: list[tuple[str, str, list[bytes]]] = []
    for section, words in listed:
        name, _, names = words.partition(" ")
        lines: list[bytes] = []
        parts.append((section, name, lines))
        kinds.update((kind.encode(), lines) for kind in names.split())
    content = part.content[:_MOST_LISTED]
    truncated = part.truncated or len(content) < len(part.content)
    current: list[bytes] = []
    within = False
    empty = 0
    for line in content.split(b"\n"):
        if not line:
            empty += 1
            continue
        heading = _HEADING.fullmatch(line)
        kind = kind_of_process_link(line)
        if heading is not None:
            within, current = True, kinds.get(heading[1], [])
        elif kind in kinds and not within:
            current = kinds[kind]
        current += [b""] * empty
        empty = 0
        (kinds[kind] if kind in kinds and within else current).append(line)
    for section, name, lines in parts:
        yield section, Part(name, b"\n".join(lines) + b"\n" * bool(lines), part.status, truncated)


def _is_whole(arguments: Part, pid: int) -> bool:
    """Whether the host's ``grep`` keeps NULs: the probe's own shell ``pid`` has more than one argument."""
    match = re.search(rb"(?m)^/proc/%d/cmdline:(.*)$" % pid, arguments.content)
    return match is None or b"\0" in match[1]
