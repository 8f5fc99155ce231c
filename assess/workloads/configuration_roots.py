"""Files and directories of a workload's configuration and code, by its command, unit and package, and the files these
name.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from assess.configuration_text.configuration_lines import ConfigurationLines
from assess.knowledge.system_tables import roots_table
from assess.workloads.init_scripts import run_path
from assess.workloads.process_group import ProcessGroup
from assess.workloads.program import program_of
from inventory.model.processes import Process

_PATH = re.compile(r"(?<![\w./@\-~$}])/(?:[A-Za-z0-9_.@+\-]+/?)+")
_BETWEEN_WORDS = re.compile(r"[=:,]")
_FAMILY = re.compile(r"^[a-z+]+|(?<=-mod-)[a-z+]+")

_DEPTH = 3
_MOST_ROOTS = 64


def configuration_roots(
    group: ProcessGroup,
    processes: Sequence[Process],
    packages: tuple[str, ...],
    parts: tuple[str, ...],
    lines: ConfigurationLines,
) -> tuple[str, ...]:
    """Directories and files that configure ``group`` or are its code, the surest first, none inside another.

    The first are known from the processes, the unit or init script and the package names; from there, files that were
    read name further ones (a virtual host its document root, a page its ini file), three steps deep. A root holds at
    least one line that was seen, or was named by one of the ``processes``. ``packages`` own its executables, ``parts``
    what it has loaded (the PHP inside Apache).
    """
    roots: list[str] = []
    for candidate in _first_roots(group, processes, packages, parts):
        _add(roots, candidate)
    words = _named_by_processes(processes)
    known = [root for root in roots if lines.holds(root) or any(word.startswith(f"{root}/") for word in words)]
    frontier = list(known)
    for _ in range(_DEPTH):
        found: list[str] = []
        for line in lines.in_force(frontier):
            for path in paths_in(line.text):
                if len(known) + len(found) < _MOST_ROOTS and _holds_lines(path, lines):
                    _add(found, path)
        frontier = [root for root in found if not _inside(root, known)]
        if not frontier:
            break
        known += frontier
    return tuple(root for root in known if not _inside(root, [other for other in known if other != root]))


def paths_in(text: str) -> tuple[str, ...]:
    """The absolute paths that a line names (not those of URLs)."""
    if "/" not in text:
        return ()
    # The jobs of a host are looked through for each of its services, and what distributions bring is the same on many.
    return _paths_in_short(text) if len(text) < _SHORT else _paths_in(text)


_SHORT = 512
"""Characters of a line up to which its paths are remembered."""


def _paths_in(text: str) -> tuple[str, ...]:
    return tuple(run_path(match[0].rstrip("/.").replace("//", "/")) for match in _PATH.finditer(text))


@lru_cache(maxsize=4096)
def _paths_in_short(text: str) -> tuple[str, ...]:
    return _paths_in(text)


def own_root(path: str) -> bool:
    """Whether a directory or file may be the configuration or code of one workload."""
    table = roots_table()
    return path.startswith("/") and path not in table.shared and not path.startswith(table.never)


def _first_roots(
    group: ProcessGroup, processes: Sequence[Process], packages: tuple[str, ...], parts: tuple[str, ...]
) -> Iterator[str]:
    for process in processes:
        program = program_of(process)
        if program.script.startswith("/"):
            yield _application_root(program.script)
        elif program.executable.startswith(("/opt/", "/srv/", "/home/")):
            yield _application_root(program.executable)
        for word in _words(process):
            if word.startswith("/etc/"):
                yield word
            elif word.startswith(("/opt/", "/srv/", "/home/")):
                yield _application_root(word)
        if process.working_directory:
            yield process.working_directory
    names = {group.unit.partition("@")[0], group.owner.service.name if group.owner else "", group.entry}
    names.update(program_of(process).name for process in processes)
    names.update(packages)
    service = group.service
    if service is not None:
        names.add(service.name)
        for key in ("EnvironmentFiles", "EnvironmentFile", "WorkingDirectory", "ExecStart"):
            yield from paths_in(service.property(key))
        yield service.path
    for name in sorted(names - {""}):
        yield from (f"/etc/{name}", f"/etc/default/{name}", f"/etc/sysconfig/{name}", f"/etc/{name}.conf")
    for package in sorted({*packages, *parts}):
        # mariadb-server-10.5 is configured in /etc/mysql, and libapache2-mod-php8.2 is PHP inside Apache.
        for family in _FAMILY.findall(package):
            yield from roots_table().families.get(family, ())


def _application_root(path: str) -> str:
    """/opt/shop/bin/run.py belongs to /opt/shop; a script alone in a shared directory is its own root."""
    pieces = path.strip("/").split("/")
    if pieces[0] in ("opt", "srv") and len(pieces) > 2:
        return "/" + "/".join(pieces[:2])
    if pieces[0] == "home" and len(pieces) > 3:
        return "/" + "/".join(pieces[:3])
    parent = posixpath.dirname(path)
    return parent if own_root(parent) and not parent.startswith("/etc") else path


def _add(roots: list[str], path: str) -> None:
    path = posixpath.normpath(path) if path.startswith("/") else ""
    if path and own_root(path) and path not in roots and not path.startswith("//"):
        roots.append(path)


def _inside(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)


def _holds_lines(path: str, lines: ConfigurationLines) -> bool:
    return own_root(path) and lines.holds(path)


def _named_by_processes(processes: Iterable[Process]) -> frozenset[str]:
    """The words of the processes that may be paths, each with a slash behind it."""
    return frozenset(
        f"{word}/"
        for process in processes
        for word in (process.working_directory or "", *_words(process))
        if word.startswith("/")
    )


def _words(process: Process) -> Iterator[str]:
    for argument in process.arguments[1:]:
        yield from _BETWEEN_WORDS.split(argument)
