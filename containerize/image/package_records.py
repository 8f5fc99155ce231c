"""The package database's records for the packages in an image.

Of dpkg the record of each package goes along as the host has it; of apk what lies next to its list. The lists
themselves are made anew (:mod:`containerize.image.package_lists`).
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from containerize.closure import path_rules
from containerize.closure.file_set import FileSet
from containerize.host.installed_packages import PackageDatabase
from containerize.image.package_lists import APK_WORLD, PACKAGE_LISTS, list_of

DATABASE = "/var/lib/dpkg/"
INFO = f"{DATABASE}info/"
_WHOLE = ("/var/lib/dpkg/diversions", "/var/lib/dpkg/statoverride", "/var/lib/dpkg/arch", f"{INFO}format")

_BESIDE_APK = ("scripts.tar", "scripts.tar.gz", "triggers")
"""What apk keeps next to its list: scripts of packages, and which of them run when others come. Those of packages that
are not inside are never asked for.
"""
_OF_APK = ("/etc/apk/arch", "/etc/apk/repositories")

_RPM_DATABASES = ("/var/lib/rpm", "/usr/lib/sysimage/rpm")

_SHIPPED = frozenset(
    ["clilibs", "config", "conffiles", "md5sums", "postinst", "postrm", "preinst", "prerm", "shlibs", "symbols",
     "templates", "triggers"]
)  # fmt: skip
"""Control files that dpkg keeps as the package brought them; ``list`` it writes itself."""


_WRITTEN_BY_TOOLS = (
    DATABASE,
    *(f"{posixpath.dirname(place)}/" for each in PACKAGE_LISTS for place in each.places if each.manager != "dpkg"),
)


def shipped_record(path: str, database: PackageDatabase) -> str | None:
    """The package that brought a record of the package database, which is the same wherever that is installed."""
    if not path.startswith(INFO):
        return None
    stem, _, kind = path.removeprefix(INFO).rpartition(".")
    return database.find(stem) if kind in _SHIPPED else None


def is_written_by_tool(path: str) -> bool:
    """Whether a path is what the package tool itself writes: which packages there are, and which files they have. What
    packages bring for its database lies there as well (see :func:`shipped_record`).
    """
    return path.startswith(_WRITTEN_BY_TOOLS) or path == APK_WORLD


def is_record(path: str) -> bool:
    """Whether a path is part of a package database, which holds what packages brought and nothing of the host's."""
    return path.startswith(INFO)


def claim_records(file_set: FileSet) -> None:
    """Take the records of the packages that are in the image."""
    manager = file_set.database.manager
    if manager == "dpkg":
        _claim_dpkg(file_set)
    elif manager == "apk":
        _claim_apk(file_set)
    elif manager == "rpm":
        for path in _RPM_DATABASES:
            if path in file_set.tree and (why := path_rules.left_out(path)) is not None:
                file_set.left_out.setdefault(*why)


def _claim_dpkg(file_set: FileSet) -> None:
    stems: dict[str, str] = {}
    for key in file_set.packages:
        package = file_set.database.packages[key]
        stems[package.name] = package.name
        stems[f"{package.name}:{package.architecture}"] = package.name
    for path in file_set.tree.children(INFO.rstrip("/")):
        stem = path.removeprefix(INFO).rpartition(".")[0]
        if stem in stems:
            file_set.claim(path, f"is the package database's record of {stems[stem]}")
    for path in _WHOLE:
        file_set.claim(path, "is part of the package database")
    for path in _alternatives(file_set):
        file_set.claim(path, "is the record of an alternative")


def _claim_apk(file_set: FileSet) -> None:
    known = list_of("apk")
    for place in known.places if known is not None else ():
        for name in _BESIDE_APK:
            file_set.reach(f"{posixpath.dirname(place)}/{name}", "is part of the package database")
    for path in _OF_APK:
        file_set.claim(path, "is a setting of the package tool")


def _alternatives(file_set: FileSet) -> Iterator[str]:
    for path in file_set.tree.children("/var/lib/dpkg/alternatives"):
        if f"/etc/alternatives/{path.rpartition('/')[2]}" in file_set.claims:
            yield path
