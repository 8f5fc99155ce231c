"""Installed packages, which of them own the files that run here, where they come from, and which are held.

Each package manager answers from its own database in one call or one read; the owners of files are asked only for what
matters (executables, mapped libraries, arguments that are paths, units, init scripts), at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from inventory.formats.grep_lines import redact_files
from inventory.model.packages import Ownership, Package, Packages
from inventory.observation import Absent, Found, Gap, Observation
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.software.packages import dpkg, repositories, rpm, rpm_invocation, text_databases
from inventory.sections.software.packages.answer_fields import NAME
from inventory.sections.windows.packages import VARIANT as WINDOWS

PATHS_FRAGMENT = r"""
bf_found_paths() {
  each maps grep -ah '^[^ ]* ..x. .* /' 2>/dev/null
  bf_words
  printf '%s\n' /etc/init.d/* /lib/systemd/system/*.service /usr/lib/systemd/system/*.service \
    /etc/systemd/system/*.service
}
bf_paths() {
  bf_found_paths | awk -v "both=$1" '
    function say(path) { if (!(path in said)) { said[path] = 1; print path } }
    /^[0-9a-f]*-[0-9a-f]* ..x. .* \// { sub(/^[^\/]*/, ""); sub(/ \(deleted\)$/, ""); found = 1 }
    found || /^\/[^ ]*$/ {
      say($0)
      if (both && /^\/usr\/(s*bin|lib[0-9a-z]*)\//) say(substr($0, 5))
      else if (both && /^\/(s*bin|lib[0-9a-z]*)\//) say("/usr" $0)
      found = 0
    }'
}
bf_local() {
  bf_kinds='nfs|nfs4|cifs|smb3|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gfs|gfs2|ocfs2|fuse|fuse[.][^ ]*|autofs'
  bf_remote=`grep -E "^[^ ]+ [^ ]+ ($bf_kinds) " /proc/mounts | sed 's|^[^ ]* \([^ ]*\) .*|\1/|'`
  if [ -n "$bf_remote" ]; then grep -vF "$bf_remote"; else cat; fi
}
"""
"""The paths of interest, each once, with ``both`` under both names that they have where /bin is a link into /usr; and a
filter that leaves out paths on a remote file system, which a tool that opens files must not touch. An executable is
mapped, so the links of processes add nothing to their maps.

An argument may be a secret that begins with a slash, so the paths are not sent: only what a package owns is. As an
ordinary user the executables of others show only where their first argument is a path. dpkg's lists hold the name a
package was built with, /bin/sh or /usr/bin/sh; both are looked for.
"""

FRAGMENT = (
    PATHS_FRAGMENT
    + dpkg.FRAGMENT
    + rpm.FRAGMENT
    + text_databases.FRAGMENT
    + r"""
bf_apk=
for bf_db in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ -s $bf_db ] && bf_apk=$bf_db && break; done
if [ -s /var/lib/dpkg/status ]; then"""
    + dpkg.QUESTIONS
    + """elif [ -n "$bf_apk" ]; then"""
    + text_databases.QUESTIONS_APK
    + """elif bf_has_rpm; then"""
    + rpm.QUESTIONS
    + text_databases.QUESTIONS_OTHERS.lstrip()
    + "fi\n"
)

ReadPackages = Callable[[Part, SectionRecording], Iterator[Package]]
ReadOwners = Callable[[SectionRecording], Iterator[Ownership]]

_MANAGERS: tuple[tuple[str, ReadPackages, ReadOwners], ...] = (
    ("dpkg", dpkg.packages, dpkg.owners),
    ("rpm", rpm.packages, rpm.owners),
    ("apk", text_databases.apk, text_databases.apk_owners),
    ("opkg", text_databases.opkg, lambda recording: dpkg.owners(recording, "opkg-owners")),
    ("pacman", text_databases.pacman, lambda recording: text_databases.relative_owners(recording, "pacman-owners")),
    (
        "slackware",
        text_databases.slackware,
        lambda recording: text_databases.relative_owners(recording, "slackware-owners"),
    ),
)


def parse(recording: SectionRecording) -> Observation[Packages]:
    """Packages in the order of the database; owners in the order in which they were found."""
    asked = recording.part("sources") is not None
    for manager, packages, owners in _MANAGERS:
        part = recording.part(manager)
        if part is None:
            continue
        found = tuple(packages(part, recording))
        owned = tuple(dict.fromkeys(owners(recording)))
        return Found(
            Packages(
                manager,
                found,
                owned,
                tuple(repositories.repositories(recording)) if asked else None,
                tuple(repositories.pins(recording)) if asked else None,
                tuple(sorted(dpkg.shipped(recording), key=lambda file: file.path)),
            ),
            tuple(_gaps(manager, part, found, recording)),
        )
    return Absent("no known package manager (dpkg, rpm, apk, opkg, pacman, Slackware's)")


def _gaps(manager: str, part: Part, found: tuple[Package, ...], recording: SectionRecording) -> Iterator[Gap]:
    if manager == "rpm" and part.status == rpm_invocation.UNREAD:
        yield Gap("packages", rpm_invocation.NO_WAY)
    elif part.status != 0 or not found:
        yield Gap("packages", f"the database of {manager} could not be read completely (status {part.status})")
    for state, names in dpkg.broken(part).items() if manager == "dpkg" else ():
        some = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        yield Gap(f"{len(names)} packages in the state {state}", f"only a part of their files is there: {some}")
    if b"maps: Permission denied" in recording.errors:
        yield Gap("owners of what other users' processes run", "only root may look; scan with become")
    if b": /etc/" in recording.errors and b"ermission denied" in recording.errors:
        yield Gap("some repositories", "permission denied; scan with become")


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Files of configuration lose their secrets, file by file; databases and names of files have none."""
    parts = tuple(redact_files(part, redact) if part.name == "sources" else part for part in recording.parts)
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


SECTION: Section[Packages] = Section(
    NAME,
    "Installed packages, repositories, held versions; owners of executables, libraries, units and init scripts.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024, files=repositories.FILES), WINDOWS),
    redact,
)
