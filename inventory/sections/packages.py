"""Installed packages, and which of them own the files that run here.

Three package managers are known: dpkg, rpm, apk. Each answers from its own database in one call; the owners of files
are asked only for what matters (executables, mapped libraries, arguments that are paths, units, init scripts), at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.model.packages import Ownership, Package, Packages
from inventory.observation import Absent, Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.procfs.records import whole_lines
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section, Variant, redact_errors

NAME = "packages"

# The paths of interest, each once. An argument may be a secret that begins with a slash, so this list is not sent: only
# what a package owns is. Nothing on a remote file system is named to rpm, which would touch it.
#
# As an ordinary user the executables of others show only where their first argument is a path.
#
# dpkg's lists hold the name a package was built with, /bin/sh or /usr/bin/sh; both are looked for.
#
# `rpm -qf` prints the owners, one a line, of one path after the other without saying of which. So after each path comes
# one that no package owns (/proc/self/stat), and its complaint ends the answer.
FRAGMENT = r"""
bf_paths() {
  {
    echo /proc/[0-9]*/exe | xargs ls -l 2>/dev/null | sed -n 's/ (deleted)$//; s|.* -> /|/|p'
    echo /proc/[0-9]*/maps | xargs grep -ah '^[^ ]* ..x. .* /' | sed 's/ (deleted)$//; s|^[^/]*/|/|'
    echo /proc/[0-9]*/cmdline | xargs cat 2>/dev/null | tr '\000' '\n' | grep -a '^/[^ ]*$'
    ls -d /etc/init.d/* /lib/systemd/system/*.service /usr/lib/systemd/system/*.service /etc/systemd/system/*.service \
      2>/dev/null
  } | sort -u
}
bf_both_names() {
  sed -e p -e 's|^/usr/\(bin/\)|/\1|' -e t -e 's|^/usr/\(sbin/\)|/\1|' -e t -e 's|^/usr/\(lib[0-9a-z]*/\)|/\1|' -e t \
    -e 's|^/\(s*bin/\)|/usr/\1|' -e t -e 's|^/\(lib[0-9a-z]*/\)|/usr/\1|' | sort -u
}
bf_local() {
  bf_kinds='nfs|nfs4|cifs|smb3|smbfs|ncpfs|afs|9p|ceph|glusterfs|lustre|gfs|gfs2|ocfs2|fuse|fuse[.][^ ]*|autofs'
  bf_remote=`grep -E "^[^ ]+ [^ ]+ ($bf_kinds) " /proc/mounts | sed 's|^[^ ]* \([^ ]*\) .*|\1/|'`
  if [ -n "$bf_remote" ]; then grep -vF "$bf_remote"; else cat; fi
}
bf_dpkg() {
  dpkg-query -W -f='${Package}\t${Version}\t${Architecture}\t${Source}\t${Essential}\t${Installed-Size}\t${Status}\n'
}
bf_dpkg_owners() {
  cd /var/lib/dpkg/info && bf_paths | bf_both_names | grep -HFxf - *.list
}
bf_rpm() {
  rpm -qa --qf '%{NAME}\t%{EPOCH}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{SIZE}\n'
}
bf_rpm_paths() { bf_paths | grep '^/[a-zA-Z0-9_@%+=:,./-]*$' | grep -v '^/\(proc\|home\|root\|tmp\)/' | bf_local; }
bf_rpm_owners() {
  echo "$bf_asked" | sed 's|$| /proc/self/stat|' | xargs rpm -qf --qf '%{NAME}\n' 2>/dev/null
}
bf_apk_owners() {
  { bf_paths; echo =; cat "$bf_apk"; } | awk '
    done == 0 { if ($0 == "=") done = 1; else wanted[$0] = 1; next }
    /^P:/ { package = substr($0, 3) }
    /^F:/ { folder = "/" substr($0, 3) "/" }
    /^R:/ { path = folder substr($0, 3); if (path in wanted) print package "\t" path }'
}
bf_apk=
for bf_db in /lib/apk/db/installed /usr/lib/apk/db/installed; do [ -s $bf_db ] && bf_apk=$bf_db && break; done
if [ -s /var/lib/dpkg/status ]; then
  part dpkg bf_dpkg
  part dpkg-owners bf_dpkg_owners
elif [ -n "$bf_apk" ]; then
  part apk grep '^[PVAoI]:' "$bf_apk"
  part apk-owners bf_apk_owners
elif [ -x /usr/bin/rpm ] || [ -x /bin/rpm ]; then
  part rpm bf_rpm
  bf_asked=`bf_rpm_paths`
  part rpm-paths echo "$bf_asked"
  part rpm-owners bf_rpm_owners
fi
"""

_NOBODY = "file /proc/self/stat is not owned by any package"
_UNOWNED = re.compile(r"file /.* is not owned by any package")


def parse(recording: SectionRecording) -> Observation[Packages]:
    """Packages in the order of the database; owners in the order in which they were found."""
    for manager, packages, owners in (
        ("dpkg", _dpkg, _dpkg_owners),
        ("rpm", _rpm, _rpm_owners),
        ("apk", _apk, _apk_owners),
    ):
        part = recording.part(manager)
        if part is None:
            continue
        found = tuple(packages(part))
        owned = tuple(dict.fromkeys(owners(recording)))
        gaps: list[Gap] = []
        if part.status != 0 or not found:
            gaps.append(Gap("packages", f"the database of {manager} could not be read whole (status {part.status})"))
        if b"maps: Permission denied" in recording.errors:
            gaps.append(Gap("owners of what other users' processes run", "only root may look; scan with become"))
        return Found(Packages(manager, found, owned), tuple(gaps))
    return Absent("no package manager that we know: no dpkg, rpm or apk")


def _rows(part: Part, fields: int) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(whole_lines(part), 1):
        row = line.decode("utf-8", "surrogateescape").split("\t")
        if len(row) != fields:
            raise ParseError(f"{part.name}:{number} has {len(row)} fields, not {fields}")
        yield number, row


def _number(text: str, part: Part, number: int) -> int:
    if text in ("", "(none)"):
        return 0  # a field that a very old package lacks
    if not (text.isascii() and text.isdigit()):
        raise ParseError(f"{part.name}:{number} has no size")
    return int(text)


def _dpkg(part: Part) -> Iterator[Package]:
    """Fields as in deb-control(5); Installed-Size counts KiB; Source names the version too where it differs."""
    for number, (name, version, architecture, source, essential, size, status) in _rows(part, 7):
        if status.split()[-1:] != ["installed"]:
            continue  # removed, with only its configuration left, or half installed
        yield Package(
            name=name,
            version=version,
            architecture=architecture,
            source=source.split(" ")[0] or name,
            manager="dpkg",
            essential=essential == "yes",
            size_bytes=_number(size, part, number) * 1024,
            origin=Origin(NAME, part.name, number),
        )


def _dpkg_owners(recording: SectionRecording) -> Iterator[Ownership]:
    part = recording.part("dpkg-owners")
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        name, colon, path = line.decode("utf-8", "surrogateescape").partition(".list:")
        if not colon or not path.startswith("/"):
            raise ParseError(f"dpkg-owners:{number} names no package and path")
        yield Ownership(path, name.partition(":")[0], Origin(NAME, "dpkg-owners", number))


def _rpm(part: Part) -> Iterator[Package]:
    """``gpg-pubkey`` entries are keys, not packages."""
    for number, (name, epoch, version, architecture, source, size) in _rows(part, 6):
        if name == "gpg-pubkey":
            continue
        yield Package(
            name=name,
            version=version if epoch in ("", "(none)", "0") else f"{epoch}:{version}",
            architecture=architecture,
            source=re.sub(r"-[^-]+-[^-]+\.(?:no)?src\.rpm$", "", source) if source != "(none)" else name,
            manager="rpm",
            essential=False,
            size_bytes=_number(size, part, number),
            origin=Origin(NAME, part.name, number),
        )


def _rpm_owners(recording: SectionRecording) -> Iterator[Ownership]:
    """The k-th answer, up to the complaint about the path that nobody owns, is about the k-th path."""
    asked, answered = recording.part("rpm-paths"), recording.part("rpm-owners")
    if asked is None or answered is None:
        return
    paths = iter(line.decode("utf-8", "surrogateescape") for line in whole_lines(asked))
    path = next(paths, None)
    for number, line in enumerate(whole_lines(answered), 1):
        text = line.decode("utf-8", "surrogateescape")
        if path is None:
            raise ParseError(f"rpm-owners:{number} answers a question that was not asked")
        if text == _NOBODY:
            path = next(paths, None)
        elif re.fullmatch(r"[\w.+~-]+", text, re.ASCII):
            yield Ownership(path, text, Origin(NAME, "rpm-owners", number))
        elif not _UNOWNED.fullmatch(text):
            raise ParseError(f"rpm-owners:{number} is no package")


def _apk(part: Part) -> Iterator[Package]:
    """Paragraphs of one letter fields: P name (always first), V version, A architecture, o origin, I size in bytes."""
    fields: dict[str, str] = {}
    start = 0
    lines = whole_lines(part)
    for number, line in enumerate([*lines, b"P:"], 1):
        letter, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
        if not colon or letter not in ("P", "V", "A", "o", "I"):
            raise ParseError(f"apk:{number} is no field of the database")
        if letter == "P" and fields:
            if "P" not in fields or "V" not in fields:
                raise ParseError(f"apk:{number} ends a package without name or version")
            yield Package(
                name=fields["P"],
                version=fields["V"],
                architecture=fields.get("A", ""),
                source=fields.get("o", fields["P"]),
                manager="apk",
                essential=False,
                size_bytes=_number(fields.get("I", ""), part, number),
                origin=Origin(NAME, part.name, start),
            )
            fields = {}
        if not fields:
            start = number
        fields[letter] = value


def _apk_owners(recording: SectionRecording) -> Iterator[Ownership]:
    part = recording.part("apk-owners")
    for number, (package, path) in _rows(part, 2) if part else ():
        yield Ownership(path, package, Origin(NAME, "apk-owners", number))


SECTION: Section[Packages] = Section(
    NAME,
    "Installed packages, and the owners of executables, libraries, units and init scripts.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024),),
    redact_errors,
)
