"""Directories that hold data which a workload must not lose.

There are five kinds of evidence, each stored with the directory: files that its processes hold open for writing; an
argument or setting that names a database's data directory; lines of its configuration that name a directory which its
account may write; directories of an account under which only this service runs; and the usual place of a known program.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from assess.configuration_text.configuration_lines import ConfigurationLines
from assess.knowledge.system_tables import DataTable, data_table
from assess.model import DataDirectory, Evidence
from assess.workloads.configuration_roots import paths_in
from assess.workloads.program import program_of
from inventory.model.configuration import ConfigLine
from inventory.model.directories import Directory
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process

_MAX_EVIDENCE = 5


class Directories:
    """The directories of a host that were seen, by path."""

    def __init__(self, directories: Iterable[Directory] | None) -> None:
        self._by_path: Mapping[str, Directory] = {each.path: each for each in directories or ()}

    def get(self, path: str) -> Directory | None:
        """The directory called ``path``, if it was seen."""
        return self._by_path.get(path)

    def owned_by(self, uids: frozenset[int], roots: tuple[str, ...]) -> Iterator[Directory]:
        """The children of ``roots`` that belong to one of the accounts."""
        for path, directory in self._by_path.items():
            if directory.uid in uids and posixpath.dirname(path) in roots:
                yield directory

    def writable(self, path: str, uids: frozenset[int], gids: frozenset[int]) -> bool:
        """Whether one of the accounts may write in ``path`` (root may everywhere, which says nothing)."""
        directory = self._by_path.get(path)
        if directory is None:
            return False
        if directory.mode & 0o200 and directory.uid in uids - {0}:
            return True
        return bool((directory.mode & 0o020 and directory.gid in gids - {0}) or directory.mode & 0o002)


@dataclass(frozen=True, slots=True)
class _DataSearch:
    """A workload, and the host's facts that show its data. ``uids`` and ``gids`` are those of its processes."""

    processes: tuple[Process, ...]
    roots: tuple[str, ...]
    lines: ConfigurationLines
    directories: Directories
    uids: frozenset[int]
    gids: frozenset[int]


_Claims = Iterator[tuple[str, Evidence]]
"""Paths of data directories, each with what shows that it is one."""


def data_directories(
    processes: tuple[Process, ...],
    open_files: Callable[[int], Iterable[OpenFile]],
    roots: tuple[str, ...],
    lines: ConfigurationLines,
    directories: Directories,
    own_accounts: frozenset[int] = frozenset(),
) -> tuple[DataDirectory, ...]:
    """Return the data directories of a workload in order of path, none inside another.

    ``roots`` are those of its configuration; ``own_accounts`` the uids under which no other service of the host runs.
    """
    uids = frozenset(uid for process in processes for uid in (process.uid, process.effective_uid))
    gids = frozenset(gid for process in processes for gid in (process.gid, *process.groups))
    search = _DataSearch(processes, roots, lines, directories, uids, gids)
    evidence = _by_path(
        chain(
            _written(search, open_files),
            _declared(search),
            _unless_set(search),
            _named_in_configuration(search),
            _owned(search, own_accounts),
        )
    ) or _by_path(_usual(search))
    outermost = [path for path in sorted(evidence) if not _is_inside(path, evidence)]
    return tuple(_directory(path, search, evidence) for path in outermost)


def _by_path(claims: _Claims) -> dict[str, list[Evidence]]:
    """The evidence for each path where data can be."""
    table = data_table()
    evidence: dict[str, list[Evidence]] = {}
    for path, why in claims:
        if path and not table.is_never(path) and path not in table.roots and path.count("/") >= 2:
            evidence.setdefault(path, []).append(why)
    return evidence


def _directory(path: str, search: _DataSearch, evidence: Mapping[str, list[Evidence]]) -> DataDirectory:
    """The directory; where it was not observed, it belongs to the account of the process that does the work."""
    owner = next((process for process in search.processes if process.effective_uid), search.processes[0])
    below = [each for inner in sorted(evidence) if f"{inner}/".startswith(f"{path}/") for each in evidence[inner]]
    seen = search.directories.get(path)
    return DataDirectory(
        path=path,
        uid=seen.uid if seen else owner.effective_uid,
        gid=seen.gid if seen else owner.gid,
        mode=seen.mode if seen else 0o750,
        evidence=tuple(below[:_MAX_EVIDENCE]),
    )


def _written(search: _DataSearch, open_files: Callable[[int], Iterable[OpenFile]]) -> _Claims:
    """Directories of files that a process holds open for writing."""
    table = data_table()
    for process in search.processes:
        for file in open_files(process.pid):
            if _is_data_file(file, table):
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open for writing"
                yield _home_of(posixpath.dirname(file.target), table, search.lines), Evidence(fact, file.origin)


def _named_in_configuration(search: _DataSearch) -> _Claims:
    """Directories that the configuration names and the account of the service may write."""
    for line in search.lines.in_force(search.roots):
        for named in paths_in(line.text):
            # A line may name the directory, or a file in it that does not always exist (a SQLite database).
            path = named if search.directories.get(named) is not None else posixpath.dirname(named)
            if search.directories.writable(path, search.uids, search.gids) and not search.lines.holds(path):
                fact = f"{line.path}:{line.number} names {named}, where the account of the service may write"
                yield _highest_writable(path, search), Evidence(fact, line.origin, line.text)


def _owned(search: _DataSearch, own_accounts: frozenset[int]) -> _Claims:
    """Directories of an account under which only this service runs."""
    for directory in search.directories.owned_by(own_accounts - {0}, data_table().accounts):
        if not search.lines.holds(directory.path):
            fact = f"{directory.path} belongs to the account under which only this service runs"
            yield directory.path, Evidence(fact, directory.origin)


def _highest_writable(path: str, search: _DataSearch) -> str:
    """Return /var/lib/shop for /var/lib/shop/uploads, when the service may write there too."""
    roots, current = data_table().roots, path
    while (parent := posixpath.dirname(current)) not in roots and parent.count("/") >= 2:
        if not search.directories.writable(parent, search.uids, search.gids):
            break
        current = parent
    return current


def is_lasting(path: str) -> bool:
    """Whether what is written at ``path`` would be missed: not in memory, temporary, or a log."""
    return path.startswith("/") and not data_table().is_never(path)


def _is_data_file(file: OpenFile, table: DataTable) -> bool:
    return (
        file.writable
        and not file.deleted
        and file.target.startswith("/")
        and not file.target.startswith(("/memfd:", "/SYSV"))
        and not table.is_never(file.target)
        and not file.target.endswith((".pid", ".lock", ".log"))
    )


def _home_of(path: str, table: DataTable, lines: ConfigurationLines) -> str:
    """The directory to keep for a file in ``path``: the highest one around it that is only data.

    /var/lib/mysql/shop belongs to /var/lib/mysql. Where a directory also holds code or configuration that was seen (a
    page under /srv/shop that writes its uploads) the climb ends below it; "" when ``path`` itself is such a directory.
    """
    home = ""
    current = path
    while current.count("/") >= 2 and not f"{current}/".startswith(_SYSTEM) and not lines.holds(current):
        home = current
        current = posixpath.dirname(current)
        if current in table.roots or current in _TOPS:
            break
    return home


_TOPS = ("/opt", "/usr/local", "/var")
_SYSTEM = (
    "/etc/", "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/share/", "/usr/libexec/", "/bin/", "/sbin/", "/lib/",
    "/root/",
)  # fmt: skip


def _declared(search: _DataSearch) -> _Claims:
    """Directories that arguments and configuration of a known program set."""
    keys: set[str] = set()
    for process in search.processes:
        for program in data_table().programs:
            if program_of(process).basename not in program.names:
                continue
            keys.update(program.keys)
            for path in _option_values(process.arguments, program.arguments):
                fact = f"{process.name} (pid {process.pid}) is started with data directory {path}"
                yield path, Evidence(fact, process.origin)
    if keys:
        pattern = _assignment(tuple(sorted(keys)))
        for line in search.lines.under(search.roots):
            if match := pattern.match(line.text):
                yield _value(match["value"]), _named_in(line)


def _unless_set(search: _DataSearch) -> _Claims:
    """Directories that a known program uses because no setting names another."""
    names = {program_of(process).basename for process in search.processes}
    for program in data_table().programs:
        if names.isdisjoint(program.names):
            continue
        for key, path in program.unless_set:
            pattern = _assignment((key,))
            used = search.directories.get(path)
            if used is not None and not any(pattern.match(line.text) for line in search.lines.in_force(search.roots)):
                fact = f"{path} is the default data directory of this program, and no setting changes it"
                yield path, Evidence(fact, used.origin)


def _named_in(line: ConfigLine) -> Evidence:
    return Evidence(f"{line.path}:{line.number} sets the data directory", line.origin, line.text)


def _value(text: str) -> str:
    path = text.strip("'\";, ").rstrip("/")
    return path if path.startswith("/") and " " not in path else ""


def _assignment(keys: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(key).replace("_", "[_-]") for key in keys)
    return re.compile(rf"^\s*+[\"']?(?:{names})[\"']?(?:\s*+[=:]\s*+|\s++)(?P<value>[\"']?/[^\s;,#]+)")


def _option_values(arguments: tuple[str, ...], options: tuple[str, ...]) -> Iterator[str]:
    for position, argument in enumerate(arguments):
        for option in options:
            value = ""
            if argument == option and position + 1 < len(arguments):
                value = arguments[position + 1]
            elif argument.startswith(option + "="):
                value = argument[len(option) + 1 :]
            elif len(option) == 2 and argument.startswith(option) and argument[2:3] == "/":
                value = argument[2:]
            if path := _value(value):
                yield path


def _usual(search: _DataSearch) -> _Claims:
    """The usual directories of known programs."""
    for process in search.processes:
        basename = program_of(process).basename
        for program in data_table().programs:
            if basename in program.names:
                for path in program.default:
                    if (usual := search.directories.get(path)) is not None:
                        yield path, Evidence(f"{path} is where this program keeps its data", usual.origin)


def _is_inside(path: str, paths: Collection[str]) -> bool:
    """Whether one of ``paths`` is around ``path``."""
    while len(path := posixpath.dirname(path)) > 1:
        if path in paths:
            return True
    return False
