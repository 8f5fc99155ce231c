"""The parts of an application's directory: code, which an image holds, and data, which stays outside.

Ownership does not tell them apart: most people deploy with ``chown -R app: /srv/app``. What was written since the code
was deployed does, and where that is not clear a directory counts as data.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from containerize.closure import path_rules
from containerize.data_tables import data_table
from containerize.host.file_tree import FileEntry, HostTree

_SLACK = 60
"""Seconds around the time of code in which other files count as deployed with it."""

_CLUSTER = 3600
"""Seconds between two files of one deployment."""

_DEEPEST = 100

MOST_PARTS = 8
"""An application with data in more places than this is a volume as a whole."""

FileKind = Literal["code", "settings", "database", "trace", "other"]


@dataclass(frozen=True)
class DividedTree:
    """``data`` maps directories that stay outside to their reason. Those of ``mixed`` hold code as well, which the
    image has too. ``outside`` are the files and directories within these that no image has.
    """

    data: Mapping[str, str]
    mixed: frozenset[str] = frozenset()
    outside: Mapping[str, str] = field(default_factory=dict)


@cache
def _table() -> dict[str, frozenset[str]]:
    return {name: frozenset(words) for name, words in data_table("code_and_data").items()}


def kind_of(path: str, entry: FileEntry) -> FileKind:
    """The kind of a file by its name, and by whether it is a program."""
    name = path.rpartition("/")[2]
    _, dot, ending = name.lower().rpartition(".")
    if name.startswith(".") or path_rules.is_leftover(path):
        return "trace"
    if path_rules.is_run_time_file(path):
        return "settings" if ending == "lock" else "trace"
    if not dot:
        # README and Makefile come with code; another name without an ending may be anything.
        return "code" if entry.mode & 0o111 else "settings" if name[:1].isupper() else "other"
    return _endings().get(ending, "other")


@cache
def _endings() -> Mapping[str, FileKind]:
    kinds: tuple[FileKind, ...] = ("trace", "database", "settings", "code")
    return {ending: kind for kind in kinds for ending in _table()[f"{kind}_endings"]}


def divide(
    tree: HostTree,
    root: str,
    opened: Collection[str] = (),
    writable: Callable[[FileEntry], bool] = lambda _entry: True,
    known: Collection[str] = (),
) -> DividedTree:
    """Divide the application in ``root``. ``opened`` are the files that its processes hold open, ``writable`` says
    whether their accounts may change something, ``known`` are directories that are data already.

    ``data`` is empty where nothing was written; ``root`` itself is in ``mixed`` where data lies next to its code.
    """
    times = sorted(_code_times(tree, root))
    if not times:
        return DividedTree({})
    return _Division(tree, times, frozenset(opened), writable, frozenset(known)).of(root)


def holds_code(tree: HostTree, root: str) -> bool:
    """Whether an application, or a part of one, is in a directory."""
    return next(_code_times(tree, root), None) is not None


def _code_times(tree: HostTree, root: str) -> Iterator[int]:
    """When the files of code were written, without those in directories that are named like data: what a program
    compiles while it runs is there.
    """
    data = _table()["data_names"]
    skipped = {
        path
        for path in tree.below(root)
        if path.rpartition("/")[2].lower() in data and (entry := tree.get(path)) is not None and entry.kind == "d"
    }
    for path in tree.below(root, skip=skipped):
        entry = tree.get(path)
        if entry is not None and entry.kind == "f" and kind_of(path, entry) == "code":
            yield entry.mtime


def _deployed(times: list[int]) -> int:
    """When the application was deployed: the end of the one time at which most of its code was written. Archives keep
    the times of their files, which are spread; then it is the time of the newest.
    """
    groups: list[list[int]] = [[times[0]]]
    for time in times[1:]:
        if time - groups[-1][-1] <= _CLUSTER:
            groups[-1].append(time)
        else:
            groups.append([time])
    largest = max(groups, key=len)
    return largest[-1] if 2 * len(largest) >= len(times) else times[-1]


@dataclass
class _Summary:
    """A directory: how many files of code and of settings are in it and below, the data files right in it, and what
    shows that there is data at all ("" for nothing).
    """

    code: int = 0
    settings: int = 0
    sign: str = ""
    direct: dict[str, str] = field(default_factory=dict)
    late_settings: dict[str, str] = field(default_factory=dict)


class _Division:
    def __init__(
        self,
        tree: HostTree,
        times: list[int],
        opened: frozenset[str],
        writable: Callable[[FileEntry], bool],
        known: frozenset[str],
    ) -> None:
        self._tree = tree
        self._deployed = _deployed(times)
        self._near = frozenset(time // _SLACK for time in times)
        self._opened = opened
        self._writable = writable
        self._known = known
        self._data: dict[str, str] = {}
        self._mixed: set[str] = set()
        self._outside: dict[str, str] = {}

    def of(self, root: str) -> DividedTree:
        summary = self._visit(root)
        if summary.direct or len(self._data) > MOST_PARTS:
            self._mix(root, summary)
        return DividedTree(self._data, frozenset(self._mixed), self._outside)

    def _visit(self, directory: str, *, for_data: bool = False) -> _Summary:
        """Summarise a directory; what is decided of those below it is recorded. ``for_data``: it is in a directory that
        is named like data.
        """
        found = _Summary()
        entry = self._tree.get(directory)
        writable = entry is not None and self._writable(entry)
        for path in self._tree.children(directory):
            child = self._tree.get(path)
            if child is None or path in self._known:
                continue
            if child.kind == "f":
                self._file(path, child, found, writable=writable, for_data=for_data)
            elif child.kind == "d":
                if path.rpartition("/")[2].lower() in _table()["code_names"]:
                    found.code += 1
                else:
                    self._directory(path, child, found, for_data=for_data)
        if not found.code and not found.direct and found.late_settings:
            found.direct |= found.late_settings
            found.settings -= len(found.late_settings)
        found.sign = found.sign or next(iter(found.direct.values()), "")
        return found

    def _file(self, path: str, entry: FileEntry, found: _Summary, *, writable: bool, for_data: bool) -> None:
        kind = kind_of(path, entry)
        if kind == "trace":
            return
        if path in self._opened and kind != "code":
            found.direct[path] = f"holds {path}, which the service has open"
            return
        may = writable or self._writable(entry)
        if kind == "database" and may:
            found.direct[path] = f"holds the database {path}"
            return
        late = may and entry.mtime > self._deployed + _SLACK and not self._with_code(entry.mtime)
        if kind == "code":
            found.code += 1
        elif kind == "settings":
            found.settings += 1
        if late and (kind != "code" or for_data):
            day = datetime.fromtimestamp(self._deployed, UTC).strftime("%Y-%m-%d %H:%M")
            words = f"holds {path}, which was written after the code was deployed ({day} UTC)"
            (found.late_settings if kind == "settings" else found.direct)[path] = words

    def _with_code(self, time: int) -> bool:
        at = time // _SLACK
        return not self._near.isdisjoint((at - 1, at, at + 1))

    def _directory(self, path: str, entry: FileEntry, above: _Summary, *, for_data: bool) -> None:
        """Decide on a directory within the application."""
        if path.count("/") > _DEEPEST:
            above.direct[path] = f"holds directories that are more than {_DEEPEST} deep, as no code is"
            return
        named = path.rpartition("/")[2].lower() in _table()["data_names"]
        found = self._visit(path, for_data=for_data or named)
        program = found.code if named else found.code + found.settings
        if not program and (found.sign or (named and self._writable(entry))):
            self._below_is_decided(path)
            self._data[path] = found.sign or "is named like a place for data, and the service may write there"
            above.sign = above.sign or found.sign
            return
        if program and (found.direct or (named and found.sign)):
            self._mix(path, found)
        above.code += found.code
        above.settings += found.settings
        above.sign = above.sign or found.sign

    def _mix(self, path: str, found: _Summary) -> None:
        """A directory with code in which data lies as well."""
        self._outside |= found.direct
        self._outside |= self._below_is_decided(path)
        self._data[path] = found.sign
        self._mixed.add(path)

    def _below_is_decided(self, path: str) -> dict[str, str]:
        """Forget what was decided of the directories below one, and return it. They are the last ones: a directory is
        decided when all below it are.
        """
        found: dict[str, str] = {}
        while self._data and path_rules.is_below(next(reversed(self._data)), path):
            each, why = self._data.popitem()
            found[each] = why
            self._mixed.discard(each)
        return dict(reversed(found.items()))
