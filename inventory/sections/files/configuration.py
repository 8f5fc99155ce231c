"""Lines of configuration and code that tie a service to addresses, ports, directories and other hosts.

Files that a reader of :mod:`inventory.products.detection` understands are sent whole. Of all others one `grep` sends
the lines that name such a thing, and the lines that show a secret. Everything is redacted before it is stored. Comments
are left out on the host, since they have no effect. What a limit cuts is a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.configuration import ROOTS, ConfigLine, Configuration, SecretFile
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.secrets import private_keys
from inventory.privacy.secrets.recognition import finds
from inventory.privacy.secrets.scanner import SEPARATOR, lines_to_read
from inventory.privacy.secrets.secret_verdict import is_code, is_program
from inventory.probe.local_filesystems import LOCAL_ROOTS_FRAGMENT
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.files import searched_files
from inventory.sections.files.root_links import LINKS_FRAGMENT

NAME = "configuration"


def _any(option: str, patterns: str, prefix: str = "") -> str:
    """A condition of find: one of the patterns."""
    return " -o ".join(f"{option} '{prefix}{pattern}'" for pattern in patterns.split())


_MOST_NAMES = 420_000
"""Bytes of names of files. What follows them is not searched, and is a gap."""
_MOST_LINES = 80
_MOST_MATCHES = 2000
_MOST_OF_LINE = 400
_MOST_OF_FILE = 1 << 20
_MOST_OF_ALL = 4 << 20
"""Bytes of files that are sent whole."""
_LARGE = 256
_LARGEST = 1024
"""KiB of a file that is opened; the second of those named like searched_files.LONG_NAMES."""

# Names with a colon or a newline are left out: the name must end at the first colon of an answer.
#
# About 5000 files; of those that are not sent whole 80 lines of one file, 400 bytes of a line: enough for what people
# write. Of *.pem, which are mostly certificates, only the line that begins a key counts. Lines with control characters
# are of binary files; with some tools a NUL in one begins a line that names no file. A few hundred names are arguments
# at once: 128 KB is what kernels before 2.6.23 take.
#
# A row is PATH:NUMBER:TEXT; of a file that is sent whole only the first has the path, which would be half of what is
# sent. Rows that begin with a word record what a limit cut: `more` lines of a file, `most` (the search ended), `long`
# lines. A long line ends before the word that the cut goes through: half of a name is the name of something else. A
# comment that ends in a backslash stays in a file that is sent whole, since Apache takes the next line for part of it.
# nginx's tables of keys and tokens (`map $http_x_api_key`) stay on the host: nothing in their lines marks them as
# secrets.
#
# Between find and the reading an account can put a link in the place of a file in a directory that it may change (50 is
# Debian's group staff), and a link of root's can lead into such a directory. There root sends no file whole.
FRAGMENT = (
    LOCAL_ROOTS_FRAGMENT
    + LINKS_FRAGMENT
    + r"""
bf_newline='
'
bf_files() {
  find /etc $bf_roots -xdev -path "*[:$bf_newline]*" -prune -o \
    -path '/etc/*' '(' \
      '(' @ETC_PATHS@ -o -name '*-available' -o -name .git -o -name .svn ')' -prune -o \
      '(' -type f -o -type l '(' -path '*-enabled/*' -o @LINKS@ ')' ')' \
      '!' '(' @ETC_NAMES@ -o '!' -path '/etc/nginx/*-enabled/*' '(' @BACKUPS@ ')' ')' @SIZED@ \
    ')' -o '!' -path '/etc/*' '(' \
      '(' -path '*/*/*/*/*/*/*/*/*/*' -o -type d '(' @FOLDERS@ ')' ')' -prune -o \
      -type f '(' @NAMES@ -o '!' -name '*.*' -perm -100 -size -512 ')' \
      '!' '(' -name '*.min.js' -o -name package-lock.json -o @BACKUPS@ ')' @SIZED@ \
    ')' | head -c @MOST@
}
bf_rows() {
  # of all files of $bf_names the lines that match
  if [ ${#bf_names} -lt 60000 ]; then
    IFS=$bf_newline
    grep -aHniEm @MATCHES@ "$1" $bf_names
  else
    printf '%s\n' "$bf_names" | tr '\n' '\000' | xargs -0 grep -aHniEm @MATCHES@ "$1"
  fi
}
bf_every_row() {
  if [ ${#bf_names} -lt 60000 ]; then
    IFS=$bf_newline
    grep -aHn '' $bf_names
  else
    printf '%s\n' "$bf_names" | tr '\n' '\000' | xargs -0 grep -aHn ''
  fi
}
bf_sent() {
  awk -v whole="$1" '
    function told() {
      if (more) print "more " more " " last
      if (!whole && seen >= @MATCHES@) print "most " seen " " last
      if (long) print "long " long " " last
    }
    {
      at = index($0, ":"); path = substr($0, 1, at - 1); text = substr($0, at + 1)
      end = index(text, ":"); number = substr(text, 1, end - 1); text = substr(text, end + 1)
      if (number !~ /^[0-9]+$/ || path !~ /^\//) next
      if (path != last) {
        told()
        last = path; inside = 0; sent = 0; held = 0; seen = 0; more = 0; long = 0; goes = 0
        markup = path ~ /[.](xml|xsl|xhtml|html)$/
      }
      seen++
      if (text ~ /[\001-\010\016-\037\177]/) { if (whole) more++; next }
      if (path ~ /[.]pem$/ && text !~ /PRIVATE KEY/) next
      bare = text; sub(/^[ \t]+/, "", bare)
      if (bare ~ /^#!/ && number == 1) { print substr($0, 1, 400); next }
      if (markup) {
        if (inside) { if (text ~ /-->/) inside = 0; next }
        if (text ~ /<!--/) { if (text !~ /-->/) inside = 1; if (bare ~ /^<!--/) next }
        if (text ~ /^[ \t]*-->/ || !whole && text ~ /xmlns|schemaLocation/) next
      }
      if (whole) {
        went = goes; goes = text ~ /\\\r?$/
        if (bare ~ /^\r?$/ || !went && !goes && bare ~ /^(#|;[ \t]*[^ \t\r]|<!--)/) next
        held += length(text) + 1; all += length($0) + 1
        if (held > @FILE@ || all > @ALL@) { more++; next }
        print (path == shown ? "" : path) ":" number ":" text
        shown = path
        next
      }
      if (bare ~ /^(#|;|\/\/|\/\*|\* |\*\/|<!--|-- |dnl |[Rr][Ee][Mm] )/ || bare == "*") next
      if (sent >= @LINES@) { more++; next }
      if (length(text) > @LINE@) {
        long++
        text = substr(text, 1, @LINE@)
        sub(/[^] \t"\047`,;<>(){}|&?=[]*$/, "", text)
        if (text == "") next
      }
      sent++
      print substr($0, 1, at + end) text
    }
    END { told() }'
}
bf_lines() { bf_rows "$bf_pattern" | bf_sent 0; }
bf_whole() { bf_every_row | bf_sent 1; }
bf_pattern='@PATTERN@'
bf_find_roots @ROOTS@
set -f
bf_names=`bf_files`
if [ ${#bf_names} -ge @LEAST@ ]; then
  # the last name is cut, as it would be by chance where its end is the last that fits
  bf_names=${bf_names%"$bf_newline"*}
  bf_cut() { echo "${bf_names##*"$bf_newline"}"; }
  part cut bf_cut
fi
if [ "$BF_UID" = 0 ]; then bf_names=`bf_told_apart "$bf_names"`; fi
case $bf_newline$bf_names in
  *"${bf_newline}refused /"*)
    bf_refused=`printf '%s\n' "$bf_names" | grep '^refused /'`
    part refused printf '%s\n' "$bf_refused" ;;
esac
case $bf_newline$bf_names in
  *"${bf_newline}large /"*)
    bf_large=`printf '%s\n' "$bf_names" | grep '^large /'`
    part large printf '%s\n' "$bf_large" ;;
esac
bf_names=`printf '%s\n' "$bf_names" | awk -v servers='@WHOLE@' -v others='@NOT_WHOLE@' '
  /^\// { print ($0 ~ servers && tolower($0) !~ others ? "whole " : "") $0 }'`
case $BF_UID$bf_newline$bf_names in
  0"$bf_newline"*whole\ /*)
    bf_bad=`printf '%s\n' "$bf_names" | awk '
      sub(/^whole /, "") {
        print
        while (sub(/\/[^\/]*$/, "") && $0 != "") if (!seen[$0]++) print
      }' | tr '\n' '\000' | xargs -0 ls -ldn 2>/dev/null | awk '
      { path = substr($0, index($0, " /") + 1) }
      /^d/ && ($3 != 0 || /^d....w/ && $4 != 0 && $4 != 50 || /^d.......w/ && !/^d........[tT]/) { print "bad " path }
      /^l/ {
        to = index(path, " -> "); target = substr(path, to + 4)
        if (target !~ /^(\/etc\/|\/usr\/share\/|(\.\.\/)?[^.\/])/ || target ~ /.\/\.\.\//)
          print "bad " substr(path, 1, to - 1)
      }'`
    bf_names=`printf '%s\n' "$bf_bad" "$bf_names" | awk '
      /^bad / { bad[substr($0, 5)] = 1; next }
      /^whole / {
        path = substr($0, 7); above = path; trusted = !(path in bad)
        while (trusted && sub(/\/[^\/]*$/, "", above) && above != "") trusted = !(above in bad)
        if (!trusted) $0 = path
      }
      /\// { print }'` ;;
esac
bf_searched=`printf '%s\n' "$bf_names" | grep '^/'`
bf_names=`printf '%s\n' "$bf_names" | sed -n 's/^whole //p'`
if [ -n "$bf_names" ]; then
  part read printf '%s\n' "$bf_names"
  part whole bf_whole
fi
bf_names=$bf_searched
if [ -n "$bf_names" ]; then part lines bf_lines; else part lines true; fi
""".replace("@ETC_PATHS@", _any("-path", searched_files.ETC_PATHS_LEFT_OUT, "/etc/"))
    .replace("@ETC_NAMES@", _any("-name", searched_files.ETC_NAMES_LEFT_OUT))
    .replace("@LINKS@", _any("-path", searched_files.LINKS))
    .replace("@SIZED@", searched_files.SIZED)
    .replace("@LONG_NAMES@", _any("-name", searched_files.LONG_NAMES))
    .replace("@SAFE@", searched_files.SAFE)
    .replace("@ROOTS@", " ".join(ROOTS[1:]))
    .replace("@WHOLE@", "|".join(searched_files.WHOLE))
    .replace("@NOT_WHOLE@", searched_files.NOT_WHOLE)
    .replace("@LINES@", str(_MOST_LINES))
    .replace("@LINE@", str(_MOST_OF_LINE))
    .replace("@MATCHES@", str(_MOST_MATCHES))
    .replace("@FILE@", str(_MOST_OF_FILE))
    .replace("@ALL@", str(_MOST_OF_ALL))
    .replace("@MOST@", str(_MOST_NAMES))
    .replace("@LEAST@", str(_MOST_NAMES - 1))
    .replace("@BACKUPS@", _any("-name", searched_files.BACKUPS))
    .replace("@FOLDERS@", _any("-name", searched_files.FOLDERS_LEFT_OUT))
    .replace("@NAMES@", _any("-name", searched_files.APPLICATION_NAMES))
    .replace("@PATTERN@", "|".join(("^#!", *searched_files.PATTERNS)))
)

_LINE = re.compile(rb"(?P<path>(?:/[^:\n]*)?):(?P<number>\d{1,20}):(?P<text>.*)", re.DOTALL)
_MOST_TO_READ = 40_000
"""Lines with a word of a secret. Redaction examines each closely and has a limit of processor time, after which none of
the host's configuration is stored. So files that exceed this are left out.
"""
_LIMIT = re.compile(rb"(?P<kind>more|most|long|dense) (?P<count>\d{1,9}) (?P<path>/[^\n]*)")
_ANSWERS = ("whole", "lines", "etc", "applications")
"""Recordings made before have the last three, or the last two."""
_DENIED = re.compile(rb"(?m)^grep: (?:can't open ')?(?P<path>/[^\n]*?)(?:': Permission denied|: Permission denied)$")


def parse(recording: SectionRecording) -> Observation[Configuration]:
    """Lines by path and number. Lines with a secret were recorded while redacted (part ``secrets``)."""
    lines: list[ConfigLine] = []
    scripts: set[str] = set()
    answers = [part for part in recording.parts if part.name in _ANSWERS]
    if not answers:
        return Unknown("the search for configuration did not begin")
    for part in answers:
        for number, path, at, text in _rows(part):
            if at == 1 and text.startswith("#!"):
                scripts.add(path)
            elif not private_keys.shown_by(text.encode("utf-8", "surrogateescape")):
                lines.append(ConfigLine(path, at, text.strip(), False, Origin(NAME, part.name, number)))
    found = (replace(line, code=line.path in scripts or is_code(line.path)) for line in lines)
    ordered = tuple(sorted(found, key=lambda line: (line.path, line.number)))
    return Found(Configuration(ordered, _secret_files(recording), _whole_files(recording)), _gaps(recording))


def _whole_files(recording: SectionRecording) -> tuple[str, ...]:
    """The files of which every line arrived."""
    names, whole = recording.part("read"), recording.part("whole")
    if names is None or whole is None or names.truncated:
        return ()
    read = [_text(line) for line in whole_lines(names)]
    lacking = {_text(match["path"]) for match in _DENIED.finditer(recording.errors)}
    lacking.update(path for _, _, path in _limits(whole))
    if whole.truncated or recording.timed_out or recording.unfinished:
        arrived = list(dict.fromkeys(path for _, path, _, _ in _rows(whole)))[:-1]
        lacking.update(set(read).difference(arrived))
    return tuple(sorted(path for path in read if path not in lacking))


def _limits(part: Part) -> Iterator[tuple[str, int, str]]:
    """Lines cut by limits: kind, count and path."""
    for raw in whole_lines(part):
        if not raw.startswith(b"/") and (match := _LIMIT.fullmatch(raw)):
            yield match["kind"].decode(), int(match["count"]), _text(match["path"])


class _ConfigurationRow(NamedTuple):
    """A line of an answer. ``head`` is the text before the line's own; empty for a row that is not of a file."""

    head: bytes
    path: bytes
    number: int
    text: bytes


def _split(lines: Iterable[bytes]) -> Iterator[_ConfigurationRow]:
    path = b""
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or not (match["path"] or path):
            yield _ConfigurationRow(b"", line, 0, line)
        else:
            path = match["path"] or path
            yield _ConfigurationRow(line[: match.start("text")], path, int(match["number"]), match["text"])


def _rows(part: Part) -> Iterator[tuple[int, str, int, str]]:
    """Number in the part, path, number in the file, and text."""
    for number, row in enumerate(_split(whole_lines(part)), 1):
        if row.head:
            yield number, _text(row.path), row.number, _text(row.text)
        elif not _LIMIT.fullmatch(row.text):
            unreadable_row(f"{part.name}:{number} names no file and line")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _secret_files(recording: SectionRecording) -> tuple[SecretFile, ...]:
    part = recording.part("secrets")
    files: dict[str, SecretFile] = {}
    for number, path, at, kind in _rows(part) if part else ():
        files.setdefault(path, SecretFile(path, f"line {at}: {kind}", Origin(NAME, "secrets", number)))
    return tuple(sorted(files.values(), key=lambda file: file.path))


def _gaps(recording: SectionRecording) -> tuple[Gap, ...]:
    gaps: list[Gap] = []
    cut = recording.part("cut")
    if cut is not None:
        last = _text(cut.content).strip()
        reason = f"the names of the files are more than {_MOST_NAMES:,} bytes; the last file read is {last}"
        gaps.append(Gap("configuration of further files", reason))
    refused = recording.part("refused")
    if refused is not None:
        names = [line.removeprefix("refused ") for line in refused.lines()]
        reason = (f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]) + (
            ": a link that an account made or could redirect, or a file with several names that not everyone may "
            "read; none is opened"
        )
        gaps.append(Gap(f"configuration of {len(names)} files", reason))
    gaps += _limit_gaps(recording)
    denied = recording.errors.count(b"ermission denied")
    if denied:
        gaps.append(Gap(f"{denied} files or directories", "permission denied; scan with become"))
    return tuple(gaps)


def _limit_gaps(recording: SectionRecording) -> Iterator[Gap]:
    large = recording.part("large")
    if large is not None:
        names = sorted(line.removeprefix("large ") for line in large.lines())
        kinds = searched_files.LONG_NAMES.replace(" ", ", ")
        reason = f"larger than {_LARGE} KiB ({_LARGEST} KiB for {kinds}), not opened"
        yield Gap(f"configuration of {_count(len(names), 'file')}", f"{reason}: {_some(names)}")
    for part in recording.parts:
        if part.name not in ("whole", "lines"):
            continue
        limits: dict[str, dict[str, int]] = {}
        for kind, count, path in _limits(part):
            limits.setdefault(kind, {})[path] = count
        for kind, unsorted in limits.items():
            files = dict(sorted(unsorted.items()))
            if kind == "dense":
                reason = f"more than {_MOST_TO_READ:,} lines may hold a secret: {_some(list(files))}"
                yield Gap(f"configuration of {_count(len(files), 'file')}", reason)
                continue
            if part.name == "whole":
                for path, count in files.items():
                    reason = (
                        f"more than {_MOST_OF_FILE >> 20} MiB, more than {_MOST_OF_ALL >> 20} MiB together, or binary"
                    )
                    yield Gap(f"{_count(count, 'line')} of {path}", reason)
                continue
            total, some = sum(files.values()), _some([f"{path} ({count})" for path, count in files.items()])
            of_files = f"of {_count(len(files), 'file')}"
            if kind == "more":
                reason = f"only the first {_MOST_LINES} lines that name something were sent: {some}"
                yield Gap(f"{_count(total, 'line')} {of_files}", reason)
            elif kind == "most":
                reason = f"the search of a file ends at {_MOST_MATCHES} lines that name something: {_some(list(files))}"
                yield Gap(f"further lines {of_files}", reason)
            else:
                reason = f"cut before the word that goes over {_MOST_OF_LINE} bytes: {some}"
                yield Gap(f"the end of {_count(total, 'line')} {of_files}", reason)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


_NAMED = 8


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Adds the part ``secrets``: file, line and kind of each secret that a file of its own would be kept out for."""
    noted = recording.part("secrets")
    secrets: list[bytes] = []
    parts: list[Part] = []
    for part in recording.parts:
        if part.name in _ANSWERS:
            content, found = _redact_lines(part.content, redact, whole=part.name == "whole")
            parts.append(replace(part, content=content))
            secrets += found
        elif part.name != "secrets":
            parts.append(part)
    parts.append(noted or Part("secrets", b"".join(secrets)))
    return replace(recording, parts=tuple(parts), errors=redact.lines(recording.errors))


def _redact_lines(content: bytes, redact: Redact, *, whole: bool) -> tuple[bytes, list[bytes]]:
    """The answer without its secrets, and where they were."""
    rows: list[_ConfigurationRow] = []
    hidden: list[bytes] = []
    kinds: list[str] = []
    left = _MOST_TO_READ
    for path, group in groupby(_split(content.split(b"\n")), key=lambda row: row.path):
        of_file = list(group)
        count = lines_to_read(b"\n".join(row.text for row in of_file))
        if count > left and of_file[0].head:
            told = b"dense %d %s" % (len(of_file), path)
            of_file = [_ConfigurationRow(b"", told, 0, told)]
        else:
            left -= count
        texts = _file_hidden(of_file, redact.within(path), whole=whole)
        changed = any(row.text != after for row, after in zip(of_file, texts, strict=True))
        rows += of_file
        hidden += texts
        kinds += _kinds_over_lines(of_file, path) if whole and changed else [""] * len(of_file)
    programs = {row.path for row in rows if row.number == 1 and row.text.startswith(b"#!") and is_program(row.text)}
    secrets: list[bytes] = []
    for row, after, over_lines in zip(rows, hidden, kinds, strict=True):
        if row.text != after or private_keys.shown_by(row.text):
            path = row.path.decode("utf-8", "replace")
            hits = finds(row.text, path, code=is_code(path) or row.path in programs)
            kind = private_keys.KIND if private_keys.shown_by(row.text) else hits[0].kind if hits else over_lines
            if kind and row.head:
                secrets.append(b"%s:%d:%s\n" % (row.path, row.number, kind.encode()))
    return b"\n".join(row.head + after for row, after in zip(rows, hidden, strict=True)), secrets


def _kinds_over_lines(rows: list[_ConfigurationRow], path: bytes) -> list[str]:
    """For each line the kind of secret that it shows together with those before it."""
    hits = finds(b"\n".join(row.text for row in rows), path.decode("utf-8", "replace"))
    found = {hit.line: hit.kind for hit in hits}
    return [found.get(at, "") for at in range(1, len(rows) + 1)]


def _file_hidden(rows: list[_ConfigurationRow], redact: Redact, *, whole: bool) -> list[bytes]:
    """The texts of the lines of one file, redacted as one. Where lines between them were not sent, nothing that began
    before continues; in a ``whole`` file they are comments, which end nothing.
    """
    texts: list[bytes] = []
    gaps: set[int] = set()
    before = 0
    for row in rows:
        if texts and row.number != before + 1 and not whole:
            gaps.add(len(texts))
            texts.append(SEPARATOR)
        texts.append(row.text)
        before = row.number
    hidden = redact.text(b"\n".join(texts)).split(b"\n")
    return [text for at, text in enumerate(hidden) if at not in gaps]


SECTION: Section[Configuration] = Section(
    NAME,
    "Lines of configuration and code that name addresses, ports, directories and other hosts.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024),),
    redact,
)
