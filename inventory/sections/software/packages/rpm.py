"""Packages of rpm. Every tag asked for exists since rpm 4.2 (2003), whatever the format of the database below it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.packages import Ownership, Package
from inventory.observation import Origin
from inventory.recording import Part, SectionRecording
from inventory.sections.software.packages import rpm_invocation
from inventory.sections.software.packages.answer_fields import NAME, rows, seconds, size

# `rpm -qf` prints the owners, one a line, of one path after the other without naming the path. So after each path comes
# one that no package owns (/proc/self/stat), and the message about it ends the answer. One call answers for all paths.
#
# yum (EL5 to EL7) records the repository of each package in a separate file; dnf stores it in a database that only a
# program can read.
FRAGMENT = (
    rpm_invocation.FRAGMENT
    + r"""
bf_tags='%{NAME}\t%{EPOCH}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{SIZE}\t%{INSTALLTIME}\t%{VENDOR}\n'
bf_rpm() { $bf_reader rpm -qa --qf "$bf_tags"; }
bf_rpm_paths() { bf_paths | grep '^/[a-zA-Z0-9_@%+=:,./-]*$' | grep -v '^/\(proc\|home\|root\|tmp\)/' | bf_local; }
bf_rpm_owners() {
  echo "$bf_asked" | sed 's|$| /proc/self/stat|' | xargs $bf_reader rpm -qf --qf '%{NAME}\n' 2>/dev/null
}
bf_yumdb() { echo /var/lib/yum/yumdb/*/*/from_repo | xargs grep -aH ''; }
"""
)
QUESTIONS = r"""
  bf_rpm_reader
  part rpm bf_rpm
  bf_asked=`bf_rpm_paths`
  part rpm-paths echo "$bf_asked"
  part rpm-owners bf_rpm_owners
  [ -d /var/lib/yum/yumdb ] && part yumdb bf_yumdb
"""

_NOBODY = "file /proc/self/stat is not owned by any package"
_UNOWNED = re.compile(r"file /.* is not owned by any package")
_FROM = re.compile(r"/var/lib/yum/yumdb/[^/]+/[^-/]+-(?P<package>[^/:]+)/from_repo:(?P<repository>.*)", re.DOTALL)


def packages(part: Part, recording: SectionRecording) -> Iterator[Package]:
    """``gpg-pubkey`` entries are keys, not packages."""
    noted = _repositories(recording.part("yumdb"))
    for number, row in rows(part, (6, 8)):
        name, epoch, version, architecture, source, bytes_ = row[:6]
        if name == "gpg-pubkey":
            continue
        vendor = row[7] if len(row) == 8 and row[7] != "(none)" else ""
        yield Package(
            name=name,
            version=version if epoch in ("", "(none)", "0") else f"{epoch}:{version}",
            architecture=architecture,
            source=re.sub(r"-[^-]+-[^-]+\.(?:no)?src\.rpm$", "", source) if source != "(none)" else name,
            manager="rpm",
            essential=False,
            size_bytes=size(bytes_, part, number),
            origin=Origin(NAME, part.name, number),
            installed_at=seconds(row[6]) if len(row) == 8 else None,
            vendor=vendor,
            repositories=None if noted is None else noted.get(f"{name}-{version}-{architecture}", ()),
        )


def _repositories(part: Part | None) -> dict[str, tuple[str, ...]] | None:
    """By ``name-version-release-architecture``. ``installed`` and ``/path`` mean a local file.

    A file has no end of line, and neither has a name of a repository one, so each is one line. What the installer of
    the system brought is recorded as ``anaconda`` or ``@anaconda/...``.
    """
    if part is None:
        return None
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(whole_lines(part), 1):
        match = _FROM.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"yumdb:{number} names no package and repository")
            continue
        repository = match["repository"]
        found[match["package"]] = () if repository == "installed" or repository.startswith("/") else (repository,)
    return found


def owners(recording: SectionRecording) -> Iterator[Ownership]:
    """The k-th answer, up to the message about the path without an owner, is about the k-th path."""
    asked, answered = recording.part("rpm-paths"), recording.part("rpm-owners")
    if asked is None or answered is None:
        return
    paths = iter(line.decode("utf-8", "surrogateescape") for line in whole_lines(asked))
    path = next(paths, None)
    for number, line in enumerate(whole_lines(answered), 1):
        text = line.decode("utf-8", "surrogateescape")
        if path is None:
            unreadable_row(f"rpm-owners:{number} answers a question that was not asked")
            continue
        if text == _NOBODY:
            path = next(paths, None)
        elif re.fullmatch(r"[\w.+~-]+", text, re.ASCII):
            yield Ownership(path, text, Origin(NAME, "rpm-owners", number))
        elif not _UNOWNED.fullmatch(text):
            unreadable_row(f"rpm-owners:{number} is not a package")
