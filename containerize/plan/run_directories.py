"""Directories that must exist on an empty /run: from tmpfiles.d, the service's settings and the running host."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assess.model import Workload
from containerize.closure.file_set import FileSet
from containerize.closure.named_places import own_names
from containerize.closure.path_rules import below_any
from containerize.plan.model import RunDirectory
from containerize.start.managed_start import ManagedStart

_KINDS = frozenset("dDeqQv")
_ROOTS = ("/run", "/tmp", "/var/tmp")  # noqa: S108 - paths of the container

_OF_THE_HOST = ("/run/systemd", "/run/udev", "/run/user")
"""Made by the host's init. Scripts take /run/systemd/system for a sign that systemd runs (sd_booted(3))."""

DEPTH = 4
"""/run/a/b/c is as deep as services go."""


def find_run_directories(
    file_set: FileSet,
    workload: Workload,
    tmpfiles: Iterable[tuple[str, str]],
    users: Mapping[str, int],
    groups: Mapping[str, int],
    uids: frozenset[int],
    managed: ManagedStart | None = None,
) -> tuple[RunDirectory, ...]:
    """All of them, parents first. ``uids`` are the accounts that the service runs under (root says nothing)."""
    found: dict[str, RunDirectory] = {}
    for directory in _declared(file_set, tmpfiles, users, groups):
        found.setdefault(directory.path, directory)
    for path, reason in (*_named(file_set, workload, uids), *_of_manager(managed)):
        for place in (*file_set.tree.parents(path), path):
            entry = file_set.tree.get(place)
            if place not in _ROOTS and below_any(place, _ROOTS) and entry is not None and entry.kind == "d":
                found.setdefault(place, RunDirectory(place, entry.uid, entry.gid, entry.mode, reason))
    return tuple(found[path] for path in sorted(found) if not below_any(path, _OF_THE_HOST))


def _of_manager(managed: ManagedStart | None) -> Iterable[tuple[str, str]]:
    """Directories that the manager makes, and the one of the pid file."""
    if managed is None:
        return
    for directory in managed.directories:
        yield directory.path, f"is made by {managed.source}"
    if managed.pid_file.startswith("/run/"):
        yield managed.pid_file.rpartition("/")[0], f"holds the pid file that {managed.source} names"


def _named(file_set: FileSet, workload: Workload, uids: frozenset[int]) -> Iterable[tuple[str, str]]:
    tree = file_set.tree
    for path, clause in sorted(file_set.run_paths.items()):
        yield path, clause
    for socket in workload.unix_sockets:
        resolved = tree.resolve(socket.path.rpartition("/")[0])
        if socket.path.startswith("/") and resolved is not None:
            yield resolved.path, f"holds the socket {socket.path}"
    if workload.service is not None:
        for name in workload.service.property("RuntimeDirectory").split():
            yield f"/run/{name}", "is RuntimeDirectory= of the service's unit"
    for name in own_names(workload):
        yield f"/run/{name}", "has the name of the service or of its package"
    yield "/run/lock", "is where programs put their locks (/var/lock)"
    for path in sorted(tree.paths()):
        entry = tree.get(path)
        if entry is not None and path.startswith("/run/") and path.count("/") <= DEPTH and entry.uid in uids:
            yield path, "belongs to the account of the service"


def _declared(
    file_set: FileSet, tmpfiles: Iterable[tuple[str, str]], users: Mapping[str, int], groups: Mapping[str, int]
) -> Iterable[RunDirectory]:
    """Lines of tmpfiles.d(5) (``d /run/mysqld 0755 mysql root -``) of files that are in the image."""
    for file, line in tmpfiles:
        words = line.split()
        resolved = file_set.tree.resolve(file)
        if len(words) < 2 or words[0][:1] not in _KINDS or resolved is None or resolved.path not in file_set.claims:
            continue
        if file_set.ownership.owner(resolved.path) in file_set.essential:
            continue
        path = words[1]
        for old in ("/var/run/", "/var/lock/"):
            if path.startswith(old):
                path = ("/run/" if old == "/var/run/" else "/run/lock/") + path.removeprefix(old)
        if not path.startswith("/run/") or "%" in path or ".." in path.split("/"):
            continue
        mode = words[2].lstrip("~:") if len(words) > 2 else "-"
        yield RunDirectory(
            path.rstrip("/"),
            _number(words[3], users) if len(words) > 3 else 0,
            _number(words[4], groups) if len(words) > 4 else 0,
            int(mode, 8) & 0o7777 if mode.isdigit() and all(digit in "01234567" for digit in mode) else 0o755,
            f"is made by {file}",
        )


def _number(word: str, names: Mapping[str, int]) -> int:
    word = word.lstrip(":")
    return int(word) if word.isdigit() else names.get(word, 0)
