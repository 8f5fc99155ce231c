"""Packages that add to the program of a service: its modules, plugins and protocols.

``dovecot-imapd`` depends on ``dovecot-core`` and puts the IMAP server into ``/usr/lib/dovecot``; nothing names it, and
without it there is no IMAP. What is installed on the host and puts files below the directories of the service's own
packages belongs to it.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Sequence

from assess.model import Workload
from assess.workloads.program import interpreter_of
from containerize.closure import path_rules
from containerize.closure.file_set import FileSet
from containerize.host.process_listing import LiveProcess

MOST_NEW = 40
"""A package that would bring more others than this is more than a part of the service."""

MOST_OWNERS = 16
"""More packages than this share a directory of the system, and not one of a service."""

_DEEP = 4
_PLACES = ("/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/share", "/etc")
_OF_ALL_PROGRAMS = tuple(
    f"/usr/share/{name}"
    for name in ("fonts", "icons", "mime", "locale", "themes", "zoneinfo", "X11", "applications", "pixmaps", "metainfo")
)
_RUN_TIMES = frozenset({"beam", "beam.smp", "erl", "epmd", "R", "dotnet", "julia"})
"""Programs that run others, as interpreters do: what depends on them is not theirs."""


def add_dependents(file_set: FileSet, workload: Workload, processes: Sequence[LiveProcess]) -> None:
    """Bring the packages that add to those of the service."""
    own = tuple(dict.fromkeys(_own_packages(file_set, workload, processes)))
    dependents = {key: frozenset(_dependents(file_set, key)) for key in own}
    for key in own:
        add_users_of(file_set, _private_directories(file_set, key, dependents[key].union(own)), dependents[key])


def add_search_directory(file_set: FileSet, path: str) -> None:
    """Bring the packages with files in a directory that settings name and several packages fill: what reads it takes
    all that is in it (``/usr/lib/nagios/plugins``).
    """
    resolved = file_set.tree.resolve(path)
    if resolved is None or resolved.path.count("/") < _DEEP or not resolved.path.startswith("/usr/"):
        return
    owners = file_set.ownership.owners(resolved.path)
    if 1 < len(owners) <= MOST_OWNERS and _may_be_private(resolved.path):
        add_users_of(file_set, (resolved.path,), owners)


def add_users_of(file_set: FileSet, directories: Iterable[str], among: Collection[str]) -> None:
    """Bring those of some packages that have files below one of the directories, of which none is below another."""
    users: dict[str, list[str]] = {directory: [] for directory in directories}
    for key in sorted(among) if users else ():
        for directory in _places_of_files(file_set, key, users):
            users[directory].append(key)
    for directory, keys in users.items():
        for key in keys:
            _add_user(file_set, directory, key)


def _add_user(file_set: FileSet, directory: str, key: str) -> None:
    if key not in file_set.packages:
        name = file_set.database.packages[key].name
        if (new := _new_packages(file_set, key)) > MOST_NEW:
            file_set.left_out.setdefault(
                f"package {name}", f"adds files to {directory}, and would bring {new} other packages along"
            )
        else:
            file_set.package(key, f"which adds files to {directory}")


def _own_packages(file_set: FileSet, workload: Workload, processes: Sequence[LiveProcess]) -> Iterator[str]:
    paths = [process.executable for process in processes]
    if workload.service is not None:
        paths.append(workload.service.path)
    for path in paths:
        resolved = file_set.tree.resolve(path)
        if resolved is None or interpreter_of(path) or path.rpartition("/")[2] in _RUN_TIMES:
            continue
        yield from file_set.ownership.owners(resolved.path)[:1]


def _dependents(file_set: FileSet, key: str) -> Iterator[str]:
    database = file_set.database
    for other, package in database.packages.items():
        if other != key and any(key in database.meets(each, package.architecture) for each in package.depends):
            yield other


def _private_directories(file_set: FileSet, key: str, family: Collection[str]) -> Iterator[str]:
    """The topmost directories of a package that only it and its family have."""
    found: set[str] = set()
    for path, _ in file_set.ownership.files(key):
        entry = file_set.tree.get(path)
        if entry is None or entry.kind != "d" or _above(path, found) or not _may_be_private(path):
            continue
        if all(owner == key or owner in family for owner in file_set.ownership.owners(path)):
            found.add(path)
    # One may be listed before the one above it.
    yield from sorted(path for path in found if not _above(path.rpartition("/")[0], found))


def _may_be_private(path: str) -> bool:
    place = path_rules.below_any(path, _PLACES)
    return (
        place is not None
        and path != place
        and not path_rules.below_any(path, _OF_ALL_PROGRAMS)
        and path not in path_rules.shared_directories()
        and not path_rules.left_out(path)
        and not path_rules.below_any(path, path_rules.not_read())
        and "-linux-" not in path.rpartition("/")[2]
    )


def _above(path: str, directories: Container[str]) -> str:
    """The directory that a path is or lies in, "" where none is."""
    while path and path not in directories:
        path = path.rpartition("/")[0]
    return path


def _places_of_files(file_set: FileSet, key: str, directories: Container[str]) -> set[str]:
    """Those directories in which a package has files."""
    return {
        directory
        for path, _ in file_set.ownership.files(key)
        if (directory := _above(path, directories))
        and (entry := file_set.tree.get(path)) is not None
        and entry.kind in "fl"
    }


def _new_packages(file_set: FileSet, key: str) -> int:
    """The number of packages that come with one, itself not counted."""
    seen: set[str] = {key}
    todo = [key]
    while todo:
        for other in _needed(file_set, todo.pop()):
            if other not in seen and other not in file_set.packages:
                seen.add(other)
                todo.append(other)
    return len(seen) - 1


def _needed(file_set: FileSet, key: str) -> Iterable[str]:
    package = file_set.database.packages[key]
    for dependency in package.depends:
        yield from file_set.database.meets(dependency, package.architecture)
