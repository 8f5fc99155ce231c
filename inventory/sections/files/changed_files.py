"""Files that differ from what their package brought, configuration and programs.

dpkg and apk keep hashes in text files, so the host hashes and the comparison is made here. A whole host is never
hashed: of dpkg's packages only those of which something runs, of rpm's only what has another time than it came with.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from inventory.depth import Depth
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.changed_files import ChangedFile, ChangedFiles
from inventory.model.packages import ShippedFile
from inventory.observation import Absent, Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant, redact_errors
from inventory.sections.software.packages import PATHS_FRAGMENT, rpm_invocation
from inventory.sections.software.packages.dpkg import THERE

NAME = "changed_files"

# Names that xargs would take apart are not looked at. Where a remote file system lies in the way nothing is: a package
# manager opens whatever its packages own.
#
# dpkg: the status file has the hash of each configuration file as the package brought it. The other files of a
# package are in PACKAGE.md5sums; what people delete to save space (documentation, translations) is left out.
#
# rpm: without digests, verification is one stat for each file. What differs in time alone is hashed after that,
# together with its package.
FRAGMENT = (
    PATHS_FRAGMENT
    + rpm_invocation.FRAGMENT
    + r"""
bf_away=
while read -r bf_device bf_mount bf_kind bf_rest; do
  case $bf_kind in nfs|nfs4|cifs|smb3|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gfs|gfs2|ocfs2|fuse|fuse.*|autofs)
    case $bf_mount in
      /|/etc|/etc/*|/usr|/usr/*|/lib*|/bin|/sbin|/opt|/opt/*|/var|/var/lib*) bf_away=$bf_mount ;;
    esac ;;
  esac
done </proc/mounts
bf_sums() {
  set -f
  { for bf_word in $bf_known; do
    case $bf_word in
      *[!a-zA-Z0-9_@%+=:,./-]*) ;;
      /etc/*)
        # an account may own the directory: no link is followed, and no pipe opened
        if [ -L "$bf_word" ] || { [ -e "$bf_word" ] && [ ! -f "$bf_word" ]; }; then
          echo "md5sum: $bf_word: Not a file" >&9
        else
          echo "$bf_word"
        fi ;;
    esac
  done | xargs md5sum - 2>&1; } 9>&1
  set +f
}
bf_verify() {
  cd /var/lib/dpkg/info && bf_lists=`bf_paths both | grep -lFxf - *.list` || return 0
  set --
  for bf_list in $bf_lists; do [ -f "${bf_list%.list}.md5sums" ] && set -- "$@" "${bf_list%.list}.md5sums"; done
  [ $# = 0 ] || grep -ahv '  usr/share/\(doc\|man\|locale\|info\|lintian\|groff\|omf\|help\|gnome/help\)/' "$@" | {
    cd / && md5sum -c 2>&1
  } | grep -av ': OK$'
}
bf_apk_files() {
  cat "$bf_apk" | awk '
    /^P:/ { package = substr($0, 3) }
    /^F:/ { folder = "/" substr($0, 3) "/" }
    /^R:/ { path = folder substr($0, 3); link = 0 }
    /^a:/ { link = $0 ~ /:777$/ }
    /^Z:Q1/ { if (!link && path !~ /[^a-zA-Z0-9_@%+=:,.\/-]/) print package "\t" path "\t" substr($0, 5) }'
}
bf_apk_sums() { printf '%s\n' "$bf_known" | cut -f 2 | xargs sha1sum - 2>&1; }
bf_again() {
  printf '%s\n' "$bf_touched" | xargs $bf_reader rpm -qf --qf '%{NAME}\n' | grep -v '^file /' | sort -u |
    xargs $bf_reader rpm -V $bf_light
}
bf_light='--nodeps --noscripts --nodigest --nosignature'
bf_apk=
for bf_db in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ -s $bf_db ] && bf_apk=$bf_db && break; done
if [ -s /var/lib/dpkg/status ]; then
  bf_known=`grep -aE '^(Package|Status): |^ /.* [0-9a-f]{32}( obsolete| remove-on-upgrade)*$' /var/lib/dpkg/status`
  part conffiles printf '%s\n' "$bf_known"
  part diversions cat /var/lib/dpkg/diversions
  if [ -n "$bf_away" ]; then
    part away echo "$bf_away"
  else
    part conffile-sums bf_sums
    part verified bf_verify
  fi
elif [ -n "$bf_apk" ]; then
  bf_known=`bf_apk_files`
  part apk-files printf '%s\n' "$bf_known"
  if [ -n "$bf_away" ]; then part away echo "$bf_away"; else part apk-sums bf_apk_sums; fi
elif bf_has_rpm; then
  if [ -n "$bf_away" ]; then
    part away echo "$bf_away"
  else
    bf_rpm_reader
    part rpm-reader echo "${bf_reader%% *}"
    bf_known=`$bf_reader rpm -Va $bf_light --nomd5`
    part rpm-verify printf '%s\n' "$bf_known"
    bf_touched=`printf '%s\n' "$bf_known" |
      sed -n 's|^[.?]*T[.?]* *[cdglrmn]* *\(/[a-zA-Z0-9_@%+=:,./-]*\)$|\1|p' | head -n 200`
    [ -n "$bf_touched" ] && part rpm-verify-again bf_again
  fi
fi
"""
)

_CONFFILE = re.compile(
    r" (?P<path>/.*) (?P<sum>[0-9a-f]{32})(?P<obsolete>(?: obsolete| remove-on-upgrade)*)", re.DOTALL
)
_SUM = re.compile(r"(?P<sum>[0-9a-f]{32,40}) [ *](?P<path>/.*)", re.DOTALL)
# coreutils: `md5sum: /etc/x: Why`, with quotes where a name needs them; busybox: `md5sum: can't open '/etc/x': Why`
_REFUSED = re.compile(
    r"(?:\S*/)?(?:md5sum|sha1sum): (?:can't (?:open|read) )?(?:'(?P<quoted>.*)'|(?P<path>.*)): (?P<why>[^:]*)",
    re.DOTALL,
)
_FAILED = re.compile(r"(?P<path>.*): FAILED(?P<open> open or read)?", re.DOTALL)
_RPM = re.compile(
    r"(?P<flags>[S.?][M.?][5.?][D.?][L.?][U.?][G.?][T.?][P.?]?\.*|missing) +(?:(?P<kind>[acdglmnrs]) +)?"
    r"(?P<path>/.*?)(?: \((?P<why>[^()/]+)\))?",
    re.DOTALL,
)
_DENIED = "permission denied; scan with become"
_FLAGS = (
    ("S", "content"),
    ("5", "content"),
    ("M", "mode"),
    ("D", "device"),
    ("L", "link"),
    ("U", "owner"),
    ("G", "group"),
    ("P", "capabilities"),
)


def parse(recording: SectionRecording) -> Observation[ChangedFiles]:
    """Files by path."""
    gaps: list[Gap] = []
    shipped: tuple[ShippedFile, ...] = ()
    if recording.part("conffiles") is not None:
        files, scope = list(_conffiles(recording, gaps)), "configuration files of packages"
        if (verified := recording.part("verified")) is not None:
            files += _verified(verified, _diverted(recording.part("diversions")), gaps)
            scope += " and all files of the packages of running programs"
    elif recording.part("apk-files") is not None:
        compared = tuple(_apk(recording, gaps))
        files, scope = [each for each in compared if isinstance(each, ChangedFile)], "files of packages"
        shipped = tuple(each for each in compared if isinstance(each, ShippedFile))
    elif (part := recording.part("rpm-verify")) is not None:
        reader = recording.part("rpm-reader")
        asked_with = "".join(reader.lines()) if reader is not None else ""
        if asked_with == "bf_unread":
            return Unknown(rpm_invocation.NO_WAY)
        files = list(_rpm(part, recording.part("rpm-verify-again"), gaps, asked_with))
        scope = "all files of packages"
    elif recording.part("away") is not None:
        files, scope = [], "nothing"
    elif recording.timed_out:
        return Unknown("the package manager did not answer in time")
    else:
        return Absent("no package manager that records its original files")
    if (away := recording.part("away")) is not None:
        where = away.content.decode("utf-8", "replace").strip()
        gaps.append(Gap("files of packages", f"{where} is a remote file system, which is never touched"))
    ordered = tuple(sorted(dict.fromkeys(files), key=lambda file: file.path))
    return Found(ChangedFiles(scope, ordered, shipped), tuple(gaps))


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")


def _conffiles(recording: SectionRecording, gaps: list[Gap]) -> Iterator[ChangedFile]:
    """The status file of dpkg compared with the output of md5sum. An obsolete file belongs to no package any more."""
    known, part = recording.part("conffiles"), recording.part("conffile-sums")
    if part is None:
        return
    sums, refused = _sums(part, gaps)
    package, installed = "", False
    for number, line in enumerate(whole_lines(known) if known else (), 1):
        text = _text(line)
        if text.startswith("Package: "):
            package, installed = text[9:], False
        elif text.startswith("Status: "):
            installed = text.rpartition(" ")[2] in THERE
        elif match := _CONFFILE.fullmatch(text):
            path = match["path"]
            if not installed or match["obsolete"]:
                continue
            if path in refused:
                if refused[path] == "No such file or directory":
                    yield ChangedFile(path, package, True, ("missing",), Origin(NAME, "conffiles", number))
            elif sums.get(path, match["sum"]) != match["sum"]:
                yield ChangedFile(path, package, True, ("content",), Origin(NAME, "conffiles", number))
        elif text:
            unreadable_row(f"conffiles:{number} is not a configuration file")


def _sums(part: Part, gaps: list[Gap]) -> tuple[dict[str, str], dict[str, str]]:
    """Hashes by path, and the reasons of those that have none. The first ``-`` is the empty standard input."""
    sums: dict[str, str] = {}
    refused: dict[str, str] = {}
    for number, line in enumerate(whole_lines(part), 1):
        text = _text(line)
        if match := _SUM.fullmatch(text):
            sums[match["path"]] = match["sum"]
        elif match := _REFUSED.fullmatch(text):
            refused[match["quoted"] or match["path"] or ""] = match["why"]
        elif not re.fullmatch(r"[0-9a-f]{32,40} [ *]-", text):
            unreadable_row(f"{part.name}:{number} is not a hash")
    _denied(sum(why == "Permission denied" for why in refused.values()), gaps)
    _denied(sum(why == "Not a file" for why in refused.values()), gaps, "links and the like are not followed")
    return sums, refused


def _denied(count: int, gaps: list[Gap], why: str = _DENIED) -> None:
    if count:
        gaps.append(Gap(f"contents of {count} files of packages", why))


def _diverted(part: Part | None) -> frozenset[str]:
    """Paths that a package gave way from: three lines each, path, new path, and the package that diverts it."""
    return frozenset(part.lines()[::3]) if part is not None else frozenset()


def _verified(part: Part, diverted: frozenset[str], gaps: list[Gap]) -> Iterator[ChangedFile]:
    """The messages of ``md5sum -c``. Paths are relative to the root directory."""
    refused: dict[str, str] = {}
    for number, line in enumerate(whole_lines(part), 1):
        text = _text(line)
        if text.startswith("md5sum: WARNING: "):
            continue
        if match := _FAILED.fullmatch(text):
            path = "/" + match["path"].lstrip("/")
            why = refused.get(match["path"], "")
            if path in diverted or (match["open"] and why not in ("", "No such file or directory")):
                continue
            difference = "missing" if match["open"] else "content"
            yield ChangedFile(path, "", False, (difference,), Origin(NAME, part.name, number))
        elif match := _REFUSED.fullmatch(text):
            refused[match["quoted"] or match["path"] or ""] = match["why"]
        else:
            unreadable_row(f"{part.name}:{number} is not a message about a file")
    _denied(sum(why == "Permission denied" for why in refused.values()), gaps)


def _apk(recording: SectionRecording, gaps: list[Gap]) -> Iterator[ChangedFile | ShippedFile]:
    """The files that differ, and the configuration files that do not: package, path and the SHA-1 in base 64 of each
    file, and the output of sha1sum.
    """
    known, part = recording.part("apk-files"), recording.part("apk-sums")
    if known is None or part is None:
        return
    sums, refused = _sums(part, gaps)
    for number, line in enumerate(whole_lines(known), 1):
        if not line:
            continue
        fields = _text(line).split("\t")
        if len(fields) != 3:
            unreadable_row(f"apk-files:{number} is not a package, path and hash")
            continue
        package, path, encoded = fields
        try:
            brought = base64.b64decode(encoded, validate=True).hex()
        except (binascii.Error, ValueError):
            unreadable_row(f"apk-files:{number} has no hash")
            continue
        missing = refused.get(path) == "No such file or directory"
        if missing or sums.get(path, brought) != brought:
            difference = "missing" if missing else "content"
            configuration = path.startswith("/etc/")
            yield ChangedFile(path, package, configuration, (difference,), Origin(NAME, "apk-files", number))
        elif path.startswith("/etc/") and path in sums:
            yield ShippedFile(path, package)


def _rpm(part: Part, again: Part | None, gaps: list[Gap], asked_with: str) -> Iterator[ChangedFile]:
    """Lines as ``rpm -V`` prints them. What differs in time only is believed to be the same unless the second pass,
    with digests, shows otherwise.
    """
    found: dict[str, ChangedFile] = {}
    odd = denied = 0
    for current in (part, again) if again is not None else (part,):
        for number, line in enumerate(whole_lines(current), 1):
            match = _RPM.fullmatch(_text(line))
            if match is None:
                odd += bool(line)
                continue
            # rpm has a letter for a reason only where it could not look at the file
            if (match["why"] or "No such file or directory") != "No such file or directory" or "?" in match["flags"]:
                denied += current is part
            if match["flags"] == "missing":
                differences: tuple[str, ...] = () if match["why"] == "Permission denied" else ("missing",)
            else:
                differences = tuple(dict.fromkeys(word for letter, word in _FLAGS if letter in match["flags"]))
            if differences:
                path = match["path"]
                found[path] = ChangedFile(
                    path, "", match["kind"] == "c", differences, Origin(NAME, current.name, number)
                )
    if odd:
        gaps.append(Gap(f"{odd} lines of rpm", "they do not describe a file"))
    _denied(denied, gaps, rpm_invocation.WITHOUT_CAPABILITY if asked_with in rpm_invocation.ORDINARY else _DENIED)
    yield from found.values()


SECTION: Section[ChangedFiles] = Section(
    NAME,
    "Configuration files and programs that differ from what their package brought.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=90, cap=4 * 1024 * 1024),),
    redact_errors,
    Depth.DEEP,
)
