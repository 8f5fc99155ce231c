"""Alpine's package database: one text file, /lib/apk/db/installed, and /usr/lib/apk/db/installed where /lib is merged.

Fields are letters, one a line, packages are paragraphs (apk-tools, ``doc/apk-installed.5.scd`` and ``src/database.c``).
``F:`` opens a directory for the files (``R:``) that follow, ``Z:`` is the checksum of the file before it: ``Q1`` and
sha1, or ``Q2`` and sha256, in base64. Of a symbolic link it is that of the target. Unknown fields are skipped.
"""

from __future__ import annotations

import base64
import binascii
import fnmatch
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from containerize.data_tables import data_table
from containerize.host.installed_packages import (
    Alternative,
    Dependency,
    InstalledPackage,
    PackageDatabase,
    PackageReader,
)

INSTALLED, WORLD = "apk.installed", "apk.world"

PARTS: Mapping[str, str] = {
    INSTALLED: "cat /lib/apk/db/installed || cat /usr/lib/apk/db/installed",
    WORLD: "cat /etc/apk/world",
    "apk.arch": "cat /etc/apk/arch",
    "apk.protected": "grep -ah '' /etc/apk/protected_paths.d/*.list",
}

_PROTECTED = ("+etc", "@etc/init.d", "!etc/apk")
"""What apk protects whatever protected_paths.d says (``apk_db_open``)."""

_MOST_RULES = 200
"""Each line is held against each file. No host has nearly as many; of more the last ones count."""

_NAME = re.compile(r"[^<>=~@!\s]+")
_CHECKSUMS = {"Q1": 20, "Q2": 32}
"""Bytes of the digest by its mark."""


def read(answers: Mapping[str, bytes]) -> PackageDatabase:
    """The database from the answers to PARTS. A host without apk gives one without packages."""
    rules = protection((*_PROTECTED, *_text(answers.get("apk.protected", b"")).strip().split("\n")[-_MOST_RULES:]))
    packages: dict[str, InstalledPackage] = {}
    for paragraph in paragraphs(_text(answers.get(INSTALLED, b""))):
        package = _package(paragraph, rules)
        if package is not None:
            packages[package.key] = package
    native = _text(answers.get("apk.arch", b"")).strip()
    native = native or next((each.architecture for each in packages.values() if each.architecture != "noarch"), "")
    return PackageDatabase("apk" if packages else "", packages, native)


def paragraphs(text: str) -> Iterator[str]:
    """The packages of the file, each as it stands, without the blank lines between them."""
    for paragraph in re.split(r"\n{2,}", text.strip("\n")):
        if paragraph:
            yield paragraph


def fields_of(paragraph: str) -> Iterator[tuple[str, str]]:
    """(letter, value) of each line; what is not a field is skipped."""
    for line in paragraph.split("\n"):
        if line[1:2] == ":":
            yield line[0], line[2:]


def names(field: str) -> Iterator[str]:
    """The names in a list of dependencies, of provides or of world, without versions. What is to be absent (``!``) is
    none of them.
    """
    for word in field.split():
        if match := _NAME.match(word):
            yield match[0]


def _package(paragraph: str, rules: Sequence[ProtectionRule]) -> InstalledPackage | None:
    first: dict[str, str] = {}
    files: list[str] = []
    checksums: dict[str, str] = {}
    directory = path = ""
    for letter, value in fields_of(paragraph):
        if letter == "F":
            directory, path = f"/{value}" if value else "", ""
            if directory:
                files.append(directory)
        elif letter == "R":
            path = f"{directory}/{value}"
            files.append(path)
        elif letter == "Z":
            if path and (digest := checksum(value)):
                checksums[path] = digest
        else:
            first.setdefault(letter, value)
    name = first.get("P", "")
    if not name:
        return None
    provides = frozenset(names(first.get("p", "")))
    return InstalledPackage(
        key=name,
        name=name,
        version=first.get("V", ""),
        architecture=first.get("A", ""),
        essential=name in data_table("essential_packages")["apk"],
        depends=tuple(_needs(first.get("D", ""), provides)),
        recommends=(),
        provides=tuple(sorted(provides)),
        files=tuple(dict.fromkeys(files)),
        checksums=checksums,
        conffiles=frozenset(path for path in checksums if is_protected(path, rules)),
        required=name in data_table("essential_packages")["apk"],
        maker=first.get("m", ""),
    )


def _needs(field: str, provides: frozenset[str]) -> Iterator[Dependency]:
    for name in names(field):
        if name not in provides:
            yield (Alternative(name),)


def checksum(value: str) -> str:
    """The hexadecimal digest of ``Q1`` or ``Q2``; "" for what is none."""
    length = _CHECKSUMS.get(value[:2])
    try:
        digest = base64.b64decode(value[2:], validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == length else ""


class ProtectionRule(NamedTuple):
    """A line of protected_paths.d: its mark, and what each part of a path is to match."""

    mark: str
    parts: tuple[Callable[[str], object], ...]


def protection(lines: Iterable[str]) -> tuple[ProtectionRule, ...]:
    """The rules of these lines (apk-protected_paths(5)), those that decide last first."""
    rules = []
    for line in lines:
        mark, pattern = (line[0], line[1:]) if line[:1] in ("+", "-", "@", "!", "#") else ("+", line)
        pattern = pattern.strip().strip("/")
        if mark != "#" and pattern:
            rules.append((mark, pattern))
    return tuple(
        ProtectionRule(mark, tuple(re.compile(fnmatch.translate(part)).match for part in pattern.split("/")))
        for mark, pattern in reversed(rules)
    )


def is_protected(path: str, rules: Sequence[ProtectionRule]) -> bool:
    """Whether apk keeps a file that a person changed: the last rule about it or a directory above it decides. ``+`` (or
    nothing) and ``!`` keep files, ``@`` links alone, ``-`` nothing.
    """
    parts = path.strip("/").split("/")
    for mark, wanted in rules:
        if len(parts) >= len(wanted) and all(fits(part) for fits, part in zip(wanted, parts, strict=False)):
            return mark in "+!"
    return False


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


READER = PackageReader("apk", PARTS, read, (INSTALLED, WORLD))
