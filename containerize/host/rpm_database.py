"""The rpm database in any format, queried once through rpm itself without writing anything.

The tags are those of rpm 4.2 (2003). The first letter of a line says what it tells of the package before it: ``P``
begins one, ``F`` is a file, ``D`` a dependency, ``V`` what it provides, ``E`` the status at the end. A name comes last
in its line, so that a tab in it does no harm; what cannot be read is skipped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from containerize.checksums import algorithm_of
from containerize.data_tables import data_table
from containerize.host.installed_packages import (
    Alternative,
    Dependency,
    InstalledPackage,
    PackageDatabase,
    PackageReader,
)
from containerize.host.rich_dependencies import rich_dependency
from inventory.sections.software.packages import rpm_invocation

INSTALLED = "rpm.installed"

_PACKAGE = (
    r"P\t%{NAME}\t%{EPOCH}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{INSTALLTIME}\t%{BUILDTIME}\t%{SIZE}"
    r"\t%{VENDOR}\n"
)
# The name of the tag with the checksums changed in rpm 4.6, when they began to be others than md5.
_FORMAT = (
    _PACKAGE
    + r"[F%{FILEFLAGS}\t%{FILESTATES}\t%{'$bf_digests'}\t%{FILENAMES}\n]"
    + r"[D%{REQUIREFLAGS}\t%{REQUIRENAME}\n][V%{PROVIDENAME}\n]"
)

PARTS: Mapping[str, str] = {
    INSTALLED: rf"""BF_UID=`id -u`
{rpm_invocation.FRAGMENT}
if bf_has_rpm; then
bf_rpm_reader
if [ "$bf_reader" = bf_unread ]; then
echo E{rpm_invocation.UNREAD}
else
bf_digests=FILEDIGESTS
$bf_reader rpm --querytags | grep -i '^filedigests$' >/dev/null || bf_digests=FILEMD5S
low $bf_reader rpm -qa --qf '{_FORMAT}'
echo "E$?"
fi
fi""",
}

NO_WAY = (
    "rpm was not asked which file belongs to which package: root's rpm writes to its database, and the host has no "
    "setpriv, chroot --userspec, perl or python to ask it as another user"
)
UNREADABLE = "rpm could not read its database (rpm -qa ends with {status})"
NOT_WHOLE = "rpm could not read all of its database (rpm -qa ends with {status}): some packages may be missing"

# rpmfiFlags (lib/rpmfiles.h), rpmfileState (lib/rpmfiles.h) and rpmsenseFlags (lib/rpmds.h) of rpm
_CONFIG, _GHOST = 1 << 0, 1 << 6
_NOT_ITS_OWN = frozenset({1, 2, 4})
"""States of a file that another package replaced, that was not installed, or that is another architecture's."""
_MISSING_OK, _RPMLIB = 1 << 19, 1 << 24

_STATUS = re.compile(r"[0-9]{1,3}", re.ASCII)


def read(answers: Mapping[str, bytes]) -> PackageDatabase:
    """The database from the answers to PARTS. A host without rpm gives one without packages."""
    text = _text(answers.get(INSTALLED, b""))
    drafts: dict[str, _PackageDraft] = {}
    draft: _PackageDraft | None = None
    status = ""
    for line in text.split("\n"):
        kind, rest = line[:1], line[1:]
        if kind == "P":
            draft = _begun(_row(rest))
            if draft is not None:
                drafts[_free_key(drafts, draft)] = draft
        elif kind == "E" and _STATUS.fullmatch(rest):
            status = rest
        elif draft is not None:
            draft.take(kind, rest)
    if status == str(rpm_invocation.UNREAD):
        return PackageDatabase("", {}, trouble=NO_WAY)
    trouble = ""
    if text and status != "0":
        trouble = (NOT_WHOLE if drafts else UNREADABLE).format(status=f"status {status}" if status else "no status")
    asked = {name for each in drafts.values() for group in each.depends for name, _ in group if name.startswith("/")}
    packages = {key: each.package(key, asked) for key, each in drafts.items()}
    return PackageDatabase("rpm" if packages else "", packages, _native(packages.values()), trouble=trouble)


def package_rows(answer: bytes) -> Iterator[tuple[str, ...]]:
    """(name, epoch or "", version-release, architecture, source package's file, installed, built, size, vendor) of each
    package, as the host says them.
    """
    for line in _text(answer).split("\n"):
        if line.startswith("P\t") and _begun(row := _row(line[1:])) is not None:
            yield tuple("" if value == "(none)" else value for value in row[1:])


@dataclass
class _PackageDraft:
    """A package while its lines are read."""

    name: str
    version: str
    architecture: str
    vendor: str = ""
    files: dict[str, None] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    conffiles: set[str] = field(default_factory=set)
    not_brought: set[str] = field(default_factory=set)
    depends: list[Dependency] = field(default_factory=list)
    provides: dict[str, None] = field(default_factory=dict)

    def take(self, kind: str, rest: str) -> None:
        if kind == "F":
            self._file(rest.split("\t", 3))
        elif kind == "D":
            self._dependency(*rest.partition("\t")[::2])
        elif kind == "V" and rest and rest != "(none)":
            self.provides[rest] = None

    def _file(self, row: list[str]) -> None:
        if len(row) != 4 or not row[3].startswith("/"):
            return
        flags, state, digest, path = _number(row[0]), _number(row[1]), row[2], row[3].rstrip("/")
        if state in _NOT_ITS_OWN or not path:
            return
        self.files[path] = None
        if flags & _CONFIG:
            self.conffiles.add(path)
        if flags & _GHOST:
            self.not_brought.add(path)
        elif algorithm_of(digest):
            self.checksums[path] = digest

    def _dependency(self, flags: str, name: str) -> None:
        if not name or name == "(none)" or name.startswith("rpmlib(") or _number(flags) & (_MISSING_OK | _RPMLIB):
            return
        if name.startswith("("):
            self.depends += [group for group in rich_dependency(name) if group]
        else:
            self.depends.append((Alternative(name),))

    def package(self, key: str, asked: set[str]) -> InstalledPackage:
        """``asked`` are the paths that packages depend on: a package with one of them provides it."""
        own = {*self.provides, self.name}
        return InstalledPackage(
            key=key,
            name=self.name,
            version=self.version,
            architecture=self.architecture,
            essential=self.name in data_table("essential_packages")["rpm"],
            depends=tuple(group for group in dict.fromkeys(self.depends) if not any(name in own for name, _ in group)),
            recommends=(),
            provides=tuple(dict.fromkeys((*self.provides, *self._asked(asked)))),
            files=tuple(self.files),
            checksums=self.checksums,
            conffiles=frozenset(self.conffiles),
            required=self.name in data_table("essential_packages")["rpm"],
            not_brought=frozenset(self.not_brought),
            maker=self.vendor,
        )

    def _asked(self, asked: set[str]) -> Iterator[str]:
        """Requested paths that are files of the package, also where /bin was merged into /usr since."""
        for path in self.files:
            if path in asked:
                yield path
            if path.startswith("/usr/") and path[4:] in asked:
                yield path[4:]


def _row(rest: str) -> list[str]:
    """The fields of a package's line after an empty one. The vendor comes last, and is free text."""
    *row, vendor = rest.split("\t", 9)
    return [*row, vendor.replace("\t", " ")]


def _begun(row: list[str]) -> _PackageDraft | None:
    """``gpg-pubkey`` are keys, not packages."""
    if len(row) != 10 or not re.fullmatch(r"[^\s/]+", row[1]) or row[1] == "gpg-pubkey":
        return None
    epoch = "" if row[2] in ("(none)", "0") else f"{row[2]}:"
    return _PackageDraft(row[1], f"{epoch}{row[3]}", _told(row[4]), _told(row[9]))


def _told(value: str) -> str:
    return "" if value == "(none)" else value


def _free_key(drafts: Mapping[str, _PackageDraft], draft: _PackageDraft) -> str:
    """The name; with the architecture and the version where it is there already (multilib, several kernels)."""
    for key in (draft.name, f"{draft.name}:{draft.architecture}"):
        if key not in drafts:
            return key
    return f"{draft.name}:{draft.architecture}:{draft.version}"


def _native(packages: Iterable[InstalledPackage]) -> str:
    """That of most packages."""
    counted: dict[str, int] = {}
    for package in packages:
        if package.architecture not in ("noarch", ""):
            counted[package.architecture] = counted.get(package.architecture, 0) + 1
    return max(counted, key=lambda each: (counted[each], each)) if counted else ""


@lru_cache(maxsize=1024)
def _number(text: str) -> int:
    """32 bits, which rpm prints with or without a sign; 0 for what is not a number."""
    return int(text) & 0xFFFFFFFF if re.fullmatch(r"-?[0-9]{1,10}", text, re.ASCII) else 0


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


READER = PackageReader("rpm", PARTS, read, (INSTALLED,))
