"""Debian's package database: /var/lib/dpkg/status and the lists next to it.

Fields are those of deb-control(5) and dpkg-query(1). The status file is read as dpkg reads it: unknown fields are
skipped, a stanza that is not installed (``deinstall ok config-files``) is not a package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from containerize.checksums import algorithm_of
from containerize.host.installed_packages import (
    Alternative,
    Dependency,
    InstalledPackage,
    PackageDatabase,
    PackageReader,
)

_LISTS = """cd /var/lib/dpkg/info 2>/dev/null && find . -name '*.{kind}' -print | xargs grep -aH ''"""

STATUS = "dpkg.status"

PARTS: Mapping[str, str] = {
    STATUS: "cat /var/lib/dpkg/status",
    "dpkg.lists": _LISTS.format(kind="list"),
    "dpkg.md5sums": _LISTS.format(kind="md5sums"),
    "dpkg.diversions": "cat /var/lib/dpkg/diversions",
    "dpkg.architecture": "dpkg --print-architecture",
}

_ITEM = re.compile(r"^\s*([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?")


def read(answers: Mapping[str, bytes]) -> PackageDatabase:
    """The database from the answers to PARTS. A host without dpkg gives one without packages."""
    lists = _by_package(answers.get("dpkg.lists", b""), ".list")
    sums = _by_package(answers.get("dpkg.md5sums", b""), ".md5sums")
    native = _text(answers.get("dpkg.architecture", b"")).strip()
    packages: dict[str, InstalledPackage] = {}
    for fields in stanzas(_text(answers.get(STATUS, b""))):
        name = fields.get("Package", "")
        architecture = fields.get("Architecture", "")
        if not name or not _installed(fields.get("Status", "")):
            continue
        qualified = f"{name}:{architecture}"
        stem = qualified if qualified in lists else name
        key = qualified if name in packages else name
        packages[key] = InstalledPackage(
            key=key,
            name=name,
            version=fields.get("Version", ""),
            architecture=architecture,
            essential=fields.get("Essential", "").lower() == "yes",
            depends=(*dependencies(fields.get("Pre-Depends", "")), *dependencies(fields.get("Depends", ""))),
            recommends=dependencies(fields.get("Recommends", "")),
            provides=tuple(group[0].name for group in dependencies(fields.get("Provides", "")) if group),
            files=tuple(_paths(lists.get(stem, ()))),
            checksums=dict(_checksums(sums.get(stem, ()), fields.get("Conffiles", ""))),
            conffiles=frozenset(path for path, _ in _conffiles(fields.get("Conffiles", ""))),
            required=fields.get("Priority", "") == "required",
            maker=fields.get("Maintainer", ""),
        )
    return PackageDatabase("dpkg", packages, native, diversions(_text(answers.get("dpkg.diversions", b""))))


def stanzas(text: str) -> Iterator[dict[str, str]]:
    """The paragraphs of a control file; folded lines keep their newlines."""
    fields: dict[str, str] = {}
    current = ""
    for line in text.split("\n"):
        if not line.strip():
            if fields:
                yield fields
            fields, current = {}, ""
        elif line[0] in " \t":
            if current:
                fields[current] += "\n" + line
        else:
            key, colon, value = line.partition(":")
            current = key if colon else ""
            if current:
                fields[current] = value.strip()
    if fields:
        yield fields


def raw_stanzas(text: str) -> Iterator[tuple[str, str, str]]:
    """(package, architecture, the paragraph as it stands with its newline at the end) of a status file."""
    for paragraph in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text):
        fields = next(stanzas(paragraph), None)
        if fields and fields.get("Package"):
            yield fields["Package"], fields.get("Architecture", ""), paragraph.strip("\n") + "\n"


def dependencies(field: str) -> tuple[Dependency, ...]:
    """``a (>= 1) | b:any, c`` as groups of alternatives. What is not a name is skipped."""
    groups: list[Dependency] = []
    for group in field.replace("\n", " ").split(","):
        names = []
        for item in group.split("|"):
            match = _ITEM.match(item)
            if match:
                names.append(Alternative(match[1], match[2] or ""))
        if names:
            groups.append(tuple(names))
    return tuple(groups)


def diversions(text: str) -> dict[str, tuple[str, str]]:
    """Three lines each: the path, where it went, and the package for which it made room (``:`` for a local one)."""
    lines = text.split("\n")
    return {
        lines[at]: (lines[at + 1], lines[at + 2])
        for at in range(0, len(lines) - 2, 3)
        if lines[at].startswith("/") and lines[at + 1].startswith("/")
    }


def _installed(status: str) -> bool:
    """The third word says what is on disk; half-configured and the like have their files too."""
    words = status.split()
    return len(words) == 3 and words[2] not in ("not-installed", "config-files", "half-installed")


def _by_package(content: bytes, suffix: str) -> dict[str, list[str]]:
    """Lines of ``grep -H`` over ``./NAME.list``, by NAME. No package name holds a colon before its architecture, and
    no architecture a dot, so the first ``.list:`` ends the name.
    """
    packages: dict[str, list[str]] = {}
    mark = suffix + ":"
    for line in _text(content).split("\n"):
        name, found, rest = line.partition(mark)
        if found:
            packages.setdefault(name.removeprefix("./"), []).append(rest)
    return packages


def _paths(lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    for line in lines:
        path = line.rstrip("/")
        if path.startswith("/") and path != "/.":
            yield path


def _checksums(lines: list[str] | tuple[str, ...], conffiles: str) -> Iterator[tuple[str, str]]:
    for line in lines:
        digest, _, path = line.partition(" ")
        if algorithm_of(digest) == "md5":
            yield "/" + path.lstrip(" *").lstrip("/"), digest
    for path, digest in _conffiles(conffiles):
        if algorithm_of(digest) == "md5":
            yield path, digest


def _conffiles(field: str) -> Iterator[tuple[str, str]]:
    """`` /etc/x 0123… [obsolete]``; ``newconffile`` stands where dpkg does not know the checksum yet."""
    for line in field.split("\n"):
        words = line.split()
        while len(words) > 2 and words[-1] in ("obsolete", "remove-on-upgrade"):
            words.pop()
        if len(words) >= 2 and words[0].startswith("/"):
            yield " ".join(words[:-1]), words[-1]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


READER = PackageReader("dpkg", PARTS, read, (STATUS,))
