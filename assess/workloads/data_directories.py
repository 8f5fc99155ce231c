"""The directories that hold what a workload must not lose.

Five kinds of evidence, each kept with the directory: files that its processes hold open for writing; a database's own
word (argument or configuration) for its data directory; lines of its configuration that name a directory which its
account may write; directories of an account under which this service alone runs; and the usual place of a known
program.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from assess.configuration_text.configuration_lines import ConfigurationLines
from assess.knowledge.system_tables import DataTable, data_table
from assess.model import DataDirectory, Evidence
from assess.workloads.configuration_roots import paths_in
from assess.workloads.program import program_of
from inventory.model.configuration import ConfigLine
from inventory.model.directories import Directory
from inventory.model.open_files import OpenFile
from inventory.model.processes import Process

_MOST_EVIDENCE = 5


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


def data_directories(
    processes: tuple[Process, ...],
    open_files: Callable[[int], Iterable[OpenFile]],
    roots: tuple[str, ...],
    lines: ConfigurationLines,
    directories: Directories,
    own_accounts: frozenset[int] = frozenset(),
) -> tuple[DataDirectory, ...]:
    """The data directories of a workload in order of path, none inside another.

    ``roots`` are its configuration's; ``own_accounts`` the uids under which no other service of the host runs.
    """
    table = data_table()
    uids = frozenset(uid for process in processes for uid in (process.uid, process.effective_uid))
    gids = frozenset(gid for process in processes for gid in (process.gid, *process.groups))
    evidence: dict[str, list[Evidence]] = {}

    def note(path: str, why: Evidence) -> None:
        if path and not table.is_never(path) and path not in table.roots and path.count("/") >= 2:
            evidence.setdefault(path, []).append(why)

    for process in processes:
        for file in open_files(process.pid):
            if _is_data_file(file, table):
                home = _home_of(posixpath.dirname(file.target), table, lines)
                note(
                    home,
                    Evidence(f"{process.name} (pid {process.pid}) holds {file.target} open for writing", file.origin),
                )
    for path, why in _declared(processes, roots, lines, table):
        note(path, why)
    for path in _unless_set(processes, roots, lines, table):
        if (used := directories.get(path)) is not None:
            note(path, Evidence(f"{path} is where this program keeps data, and no setting says otherwise", used.origin))
    for line in lines.in_force(roots):
        for named in paths_in(line.text):
            # A line may name the directory, or a file in it that is not there all the time (a SQLite database).
            path = named if directories.get(named) is not None else posixpath.dirname(named)
            if directories.writable(path, uids, gids) and not _is_program_tree(path, lines):
                fact = f"{line.path}:{line.number} names {named}, where the account of the service may write"
                note(_highest_writable(path, directories, uids, gids, table), Evidence(fact, line.origin, line.text))
    for directory in directories.owned_by(own_accounts - {0}, table.accounts):
        if not _is_program_tree(directory.path, lines):
            fact = f"{directory.path} belongs to the account under which only this service runs"
            note(directory.path, Evidence(fact, directory.origin))
    if not evidence:
        for path in _usual(processes, table):
            if (usual := directories.get(path)) is not None:
                note(path, Evidence(f"{path} is where this program keeps its data", usual.origin))

    # Where the directory itself was not seen, it is given to the account that does the work.
    owner = next((process for process in processes if process.effective_uid), processes[0])
    outermost = [path for path in sorted(evidence) if not _is_inside(path, evidence)]
    found: list[DataDirectory] = []
    for path in outermost:
        below = [each for inner in sorted(evidence) if f"{inner}/".startswith(f"{path}/") for each in evidence[inner]]
        seen = directories.get(path)
        found.append(
            DataDirectory(
                path=path,
                uid=seen.uid if seen else owner.effective_uid,
                gid=seen.gid if seen else owner.gid,
                mode=seen.mode if seen else 0o750,
                evidence=tuple(below[:_MOST_EVIDENCE]),
            )
        )
    return tuple(found)


def _highest_writable(
    path: str, directories: Directories, uids: frozenset[int], gids: frozenset[int], table: DataTable
) -> str:
    """/var/lib/shop for /var/lib/shop/uploads, when the service may write there too."""
    current = path
    while (parent := posixpath.dirname(current)) not in table.roots and parent.count("/") >= 2:
        if not directories.writable(parent, uids, gids):
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
    while current.count("/") >= 2 and not f"{current}/".startswith(_SYSTEM) and not _is_program_tree(current, lines):
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


def _is_program_tree(path: str, lines: ConfigurationLines) -> bool:
    """Whether a directory holds code or configuration that was seen (a data directory holds neither)."""
    return lines.holds(path)


def _declared(
    processes: tuple[Process, ...], roots: tuple[str, ...], lines: ConfigurationLines, table: DataTable
) -> Iterator[tuple[str, Evidence]]:
    keys: set[str] = set()
    for process in processes:
        for program in table.programs:
            if program_of(process).basename not in program.names:
                continue
            keys.update(program.keys)
            for path in _option_values(process.arguments, program.arguments):
                yield (
                    path,
                    Evidence(
                        f"{process.name} (pid {process.pid}) is started with data directory {path}", process.origin
                    ),
                )
    if keys:
        pattern = _assignment(tuple(sorted(keys)))
        for line in lines.under(roots):
            if match := pattern.match(line.text):
                yield _value(match["value"]), _named_in(line)


def _unless_set(
    processes: tuple[Process, ...], roots: tuple[str, ...], lines: ConfigurationLines, table: DataTable
) -> Iterator[str]:
    names = {program_of(process).basename for process in processes}
    for program in table.programs:
        if program.unless_set and not names.isdisjoint(program.names):
            for key, path in program.unless_set:
                pattern = _assignment((key,))
                if not any(pattern.match(line.text) for line in lines.in_force(roots)):
                    yield path


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


def _usual(processes: tuple[Process, ...], table: DataTable) -> Iterator[str]:
    for process in processes:
        basename = program_of(process).basename
        for program in table.programs:
            if basename in program.names:
                yield from program.default


def _is_inside(path: str, paths: Collection[str]) -> bool:
    """Whether one of ``paths`` is around ``path``."""
    while len(path := posixpath.dirname(path)) > 1:
        if path in paths:
            return True
    return False
