"""Rules by path: never in an image, shared by all programs, or an application's own."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from functools import cache

from containerize.data_tables import data_table


def is_below(path: str, directory: str) -> bool:
    """Whether ``path`` is ``directory`` or lies in it."""
    return path == directory or path.startswith(directory.rstrip("/") + "/")


def below_any(path: str, directories: Iterable[str]) -> str | None:
    """The directory among ``directories`` that holds ``path``."""
    return next((directory for directory in directories if is_below(path, directory)), None)


@cache
def _left_out() -> dict[str, str]:
    return {row["path"]: row["reason"] for row in data_table("places")["left_out"]}


def left_out(path: str) -> tuple[str, str] | None:
    """(place, reason) when a path is never in an image, by the longest directory of the table that holds it."""
    rows = _left_out()
    at = path
    while at and at != "/":
        if (reason := rows.get(at)) is not None:
            return at, reason
        at = at.rpartition("/")[0]
    return None


def whiteout(path: str) -> str | None:
    """The part of a path that a layer of an image cannot hold: a name that means "remove what is below" (image-spec,
    layer.md).
    """
    at = path.find("/.wh.")
    end = path.find("/", at + 1)
    return None if at < 0 else path if end < 0 else path[:end]


@cache
def shared_directories() -> frozenset[str]:
    """Directories in which an unowned file belongs to no application."""
    return frozenset(data_table("places")["shared"])


@cache
def tree_packages() -> frozenset[str]:
    """Packages that bring the tree of directories itself, in which unowned files belong to no application."""
    return frozenset(data_table("places")["tree_packages"])


@cache
def basics() -> tuple[str, ...]:
    """Files that programs look for without anybody naming them."""
    return tuple(data_table("places")["basics"])


@cache
def basic_packages() -> tuple[str, ...]:
    """Packages whose files programs look for without depending on them."""
    return tuple(data_table("places")["basic_packages"])


@cache
def not_read() -> tuple[str, ...]:
    """Directories whose files concern the host, so that what they name is not followed."""
    return tuple(data_table("places")["not_read"])


@cache
def skeleton() -> tuple[str, ...]:
    """Directories and links that every root file system has."""
    return tuple(data_table("places")["skeleton"])


def is_leftover(path: str) -> bool:
    """Whether a package tool or an editor left it behind."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in data_table("places")["leftovers"])


def is_run_time_file(path: str) -> bool:
    """Whether a file within an application is only a trace of its running (a log, a pid file)."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in data_table("places")["run_time_files"])


def is_application_base(path: str) -> bool:
    """Whether ``path`` is one of the directories below which applications are put (``/opt``, ``/var/www``)."""
    return any(path == base for base, _ in _bases())


@cache
def _bases() -> tuple[tuple[str, int], ...]:
    return tuple((row["path"], row["depth"]) for row in data_table("places")["application_base"])


@cache
def _search_directories() -> tuple[str, ...]:
    return tuple(data_table("places")["search_directories"])


def in_search_directory(path: str) -> bool:
    """Whether ``path`` is in a directory of programs or libraries that people fill (``/usr/local/bin``)."""
    return below_any(path, _search_directories()) is not None


def application_root(path: str, *, directory: bool) -> str | None:
    """The directory of the application that ``path`` is part of; None when it is in none.

    ``/opt/app/lib/x`` is part of ``/opt/app``; ``/usr/local/bin/x`` is only itself; ``/data/app/x`` (a top directory
    that no standard knows) is part of ``/data/app``. ``directory``: ``path`` itself is one, so it can be the root.
    """
    parts = path.split("/")[1:]
    if search := below_any(path, _search_directories()):
        depth = search.count("/") + 1
        return "/" + "/".join(parts[:depth]) if len(parts) > depth or (len(parts) == depth and directory) else None
    for base, depth in _bases():
        pieces = base.split("/")[1:]
        if len(parts) < len(pieces) or not all(map(fnmatch.fnmatchcase, parts, pieces)):
            continue
        wanted = len(pieces) + depth
        if len(parts) > wanted or (len(parts) == wanted and directory):
            return "/" + "/".join(parts[:wanted])
        return None
    top = "/" + parts[0]
    if top in data_table("places")["system_tops"]:
        return None
    if len(parts) > 2 or (len(parts) == 2 and directory):
        return "/" + "/".join(parts[:2])
    return top if directory or len(parts) == 2 else None
