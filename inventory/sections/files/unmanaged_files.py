"""Files that no package owns: files that were put on the host by hand, and so must be included in an image.

The host lists all files of the places where workloads store theirs, and the package files there, which are few; the
difference is made here.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator

from inventory.depth import Depth
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.unmanaged_files import UnmanagedFile, UnmanagedFiles
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.probe.local_filesystems import LOCAL_ROOTS_FRAGMENT
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant, redact_errors
from inventory.sections.software.packages import rpm_invocation

NAME = "unmanaged_files"

MOST_FILES = 40_000
"""Where there are more, those of /home and /root are the first to be left out, because they come last."""

_SYSTEM = (
    "bin boot dev etc home lib* lost+found media mnt proc root run sbin srv sys tmp usr var opt snap cdrom selinux"
)
# Files that programs make of other files, and copies of files elsewhere. The directory itself is listed.
_LEFT_OUT = (
    "/etc/alternatives /etc/ssl/certs /etc/ca-certificates /etc/rc[0-9S].d /etc/rc.d/rc[0-9].d /etc/pki/ca-trust "
    "/etc/selinux/*/* */.git */.svn */.hg */node_modules */__pycache__ */.cache */.npm */.m2 */.cargo */.rustup "
    "/opt/containerd /home/*/.local/share/containers"
)

PLACES_FRAGMENT = (
    LOCAL_ROOTS_FRAGMENT
    + r"""
bf_newline=`printf '\n.'`
bf_newline=${bf_newline%.}
bf_places='/etc /usr/local /opt /srv /var/www /var/opt /usr/share/tomcat* /var/lib/tomcat*'
for bf_top in /*; do
  case ${bf_top#/} in
    @SYSTEM@|*[!a-zA-Z0-9._-]*) ;;
    *) [ -d "$bf_top" ] && [ ! -L "$bf_top" ] && bf_places="$bf_places $bf_top" ;;
  esac
done
""".replace("@SYSTEM@", "|".join(_SYSTEM.split()))
)
"""Sets ``bf_places``, where workloads keep their files, and ``bf_newline``; defines what local_roots defines.

Directories at the top that no distribution has (/app, /data, /u01) are the site's too.
"""

# What lies on another machine is left out, and so is a name with a newline. Directories have a line only where what is
# in them is left out.
#
# What packages own in these places is a few thousand lines of dpkg's lists; rpm has to read all of its database.
FRAGMENT = (
    PLACES_FRAGMENT
    + rpm_invocation.FRAGMENT
    + r"""
bf_roots=`bf_local_roots $bf_places /home /root`
bf_list() {
  set -f
  find $bf_roots -xdev '(' -path "*$bf_newline*" -prune ')' -o '(' @LEFT_OUT@ ')' -prune -print0 -o \
    '!' -type d -print0 | xargs -0 stat -c '%f %s %u %g %Y %n' / | head -n @MOST@
}
bf_inside='^/\(etc\|usr/local\|opt\|srv\|home\|root\|var/www\|var/opt\|usr/share/tomcat[^/]*\|var/lib/tomcat[^/]*\)/'
bf_dpkg_owned() { cd /var/lib/dpkg/info && grep -ah "$bf_inside" ./*.list; }
bf_rpm_owned() {
  [ "$bf_reader" != bf_unread ] || return 126
  $bf_reader rpm -qa --qf '[%{FILENAMES}\n]' | grep -a "$bf_inside"
}
bf_apk_owned() {
  cat "$bf_apk" | awk '/^F:/ { folder = "/" substr($0, 3) "/" } /^R:/ { print folder substr($0, 3) }' |
    grep -a "$bf_inside"
}
bf_apk=
for bf_db in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ -s $bf_db ] && bf_apk=$bf_db && break; done
part roots echo "$bf_roots"
if [ -s /var/lib/dpkg/status ]; then
  part owned bf_dpkg_owned
elif [ -n "$bf_apk" ]; then
  part owned bf_apk_owned
elif bf_has_rpm; then
  bf_rpm_reader
  part owned bf_rpm_owned
fi
[ -n "$bf_roots" ] && part list bf_list
""".replace("@LEFT_OUT@", " -o ".join(f"-path '{path}'" for path in _LEFT_OUT.split())).replace(
        "@MOST@", str(MOST_FILES)
    )
)

_ROW = re.compile(
    r"(?P<mode>[0-9a-f]{1,8}) (?P<size>\d{1,19}) (?P<uid>\d{1,10}) (?P<gid>\d{1,10}) (?P<time>-?\d{1,19})(?:\.\d*)? "
    r"(?P<path>/.*)",
    re.DOTALL,
)
_KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFLNK: "link",
    stat.S_IFDIR: "directory",
    stat.S_IFSOCK: "socket",
    stat.S_IFIFO: "pipe",
    stat.S_IFBLK: "device",
    stat.S_IFCHR: "device",
}


def parse(recording: SectionRecording) -> Observation[UnmanagedFiles]:
    """Files by path. A host without a package manager owns none of them."""
    listed, owned, roots = recording.part("list"), recording.part("owned"), recording.part("roots")
    if roots is None:
        return Unknown("the walk did not begin")
    tops = tuple(line for line in roots.lines() if line)
    if listed is None:
        return Unknown("the walk did not begin") if tops else Found(UnmanagedFiles((), ()))
    if b"stat: not found" in recording.errors or b"stat: No such file" in recording.errors:
        return Unknown("the host has no stat, without which files cannot be described")
    names = frozenset(whole_lines(owned)) if owned is not None else frozenset()
    count, files = 0, []
    for number, line in enumerate(whole_lines(listed), 1):
        match = _ROW.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"list:{number} is not a file")
            continue
        count += 1
        if match["path"] == "/" or match["path"].encode("utf-8", "surrogateescape") in names:
            continue
        bits = int(match["mode"], 16)
        files.append(
            UnmanagedFile(
                match["path"],
                _KINDS.get(stat.S_IFMT(bits), "other"),
                int(match["size"]),
                int(match["uid"]),
                int(match["gid"]),
                stat.S_IMODE(bits),
                int(match["time"]),
                Origin(NAME, "list", number),
            )
        )
    # a mount beneath a place is walked from both, and so is a file listed twice
    unique = {file.path: file for file in reversed(files)}
    value = UnmanagedFiles(tops, tuple(unique[path] for path in sorted(unique)))
    return Found(value, tuple(_gaps(recording, owned, count)))


def _gaps(recording: SectionRecording, owned: Part | None, count: int) -> Iterator[Gap]:
    if count >= MOST_FILES:
        yield Gap(f"files beyond the first {MOST_FILES}", "there are more than are listed")
    denied = recording.errors.count(b"ermission denied")
    if denied:
        yield Gap(f"contents of {denied} directories", "permission denied; scan with become")
    if owned is not None and owned.status not in (0, 1):
        yield Gap("which files packages own", "the package manager did not report all of them")


SECTION: Section[UnmanagedFiles] = Section(
    NAME,
    "Files that no package owns in the places where workloads keep theirs.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=60, cap=16 * 1024 * 1024),),
    redact_errors,
    Depth.DEEP,
)
