"""The files of one server's configuration in the order in which the server reads them, each where it is included.

Only files that a host has sent are looked up; no path of an include is opened anywhere. What an include names that was
not read is a gap.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from inventory.model.configuration import ROOTS, ConfigLine
from inventory.observation import Gap
from inventory.products.web_configuration.wildcards import SPECIAL, Paths

S = TypeVar("S")

_DEEPEST = 32
"""Files that include each other."""
_NAMED = 8
"""Files that a gap names."""
_MOST = 200_000
"""Statements of one server, those of a file that is included again counted again."""
_FILE = re.compile(r"\.(?:conf|cfg|vhost|load|inc|include|site)(?![a-z0-9])|_params\Z")
_FOLDER = re.compile(r"-enabled/|/(?:sites|vhosts?)[^/]*/|/snippets/")
_WORDS = re.compile(r"[\s\"'=,;()]+")
_MOST_COMPARED = 20_000_000
"""Characters of names, times the wildcards they were compared with: seconds of processor time."""
_MOST_OPENED = 20_000
"""Files of one server, one that is included again counted again."""
_MOST_GAPS = 100
_HARMLESS = re.compile(r".*/mime\.types|/usr/share/nginx/modules/.*|/usr/lib(?:64)?/nginx/modules/.*|.*/magic")
"""Files that distributions include from elsewhere: types of files, and modules to load."""


class HostFiles:
    """The configuration of a host, file by file."""

    def __init__(self, lines: Iterable[ConfigLine], whole: Iterable[str] = ()) -> None:
        self.lines: dict[str, list[ConfigLine]] = {}
        for line in lines:
            self.lines.setdefault(line.path, []).append(line)
        for each in self.lines.values():
            each.sort(key=lambda line: line.number)
        self.whole = frozenset(whole)
        self.paths = Paths([*self.lines, *self.whole])
        """Those that were read, empty ones too."""


@dataclass
class Tree:
    """The files of one server. ``mains`` are read first to last, then what they include. ``folder`` is where relative
    paths of includes begin. ``used`` are the files read so far, ``gaps`` what was not there.
    """

    files: HostFiles
    root: str
    mains: Sequence[str]
    folder: str
    used: dict[str, None] = field(default_factory=dict)
    gaps: dict[str, Gap] = field(default_factory=dict)

    def absolute(self, path: str) -> str:
        """A path of the configuration, from the root of the file system."""
        return _absolute(self.folder, path)

    def matching(self, pattern: str, *, optional: bool = False, folders: bool = False) -> list[str]:
        """The files that an include names. With ``folders`` a directory means all files beneath it."""
        known = self._matched.get((pattern, self.folder))
        if known is None:
            known = self._matched[pattern, self.folder] = self._match(pattern, optional=optional, folders=folders)
        return known

    def _match(self, pattern: str, *, optional: bool, folders: bool) -> list[str]:
        path = self.absolute(pattern)
        # Gentoo's httpd takes relative paths from the directory of its main file, whatever ServerRoot is.
        beside = self.mains[0].rpartition("/")[0] if self.mains and not self.guessed else self.folder
        found: list[str] = []
        for each in dict.fromkeys((path, _absolute(beside, pattern))):
            self._compared += self.files.paths.cost(each)
            if self._compared > _MOST_COMPARED:
                self.lacks("includes", "their wildcards match more names than are compared")
                return []
            found = found or list(self.files.paths.matching(each))
            if not found and folders:
                found = list(self.files.paths.under(each))
        if not found and not _HARMLESS.fullmatch(path):
            reason = self._lacking(path, optional)
            if reason:
                self.lacks(f"include {pattern}", reason)
        return found

    def _lacking(self, path: str, optional: bool) -> str:
        fixed = path[: min((path.index(each) for each in SPECIAL if each in path), default=len(path))]
        if "$" in path:
            return f"the value of a variable in {path} is not known"
        if not any(fixed.startswith(f"{root}/") for root in ROOTS):
            return f"{path} is outside the directories that are searched ({', '.join(ROOTS)})"
        if "-available/" in path:
            return f"{path}: directories of what is only available are not searched"
        return "" if optional or fixed != path else f"{path} was not read"

    def lacks(self, what: str, reason: str) -> None:
        """Note a gap of this configuration."""
        if len(self.gaps) >= _MOST_GAPS:
            what, reason = "further includes", f"more than {_MOST_GAPS} were not read"
        self.gaps.setdefault(what, Gap(f"{what} ({self.root})", reason))

    def all_gaps(self) -> tuple[Gap, ...]:
        """The files that were missing, when everything was read."""
        parts = [path for path in self.used if path not in self.files.whole] if self.files.whole else []
        if parts:
            files = "1 file" if len(parts) == 1 else f"{len(parts)} files"
            some = ", ".join(parts[:_NAMED]) + (f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else "")
            self.lacks(f"lines of {files}", f"only those arrived that name something: {some}")
        return tuple(self.gaps.values())

    def unused(self) -> tuple[str, ...]:
        """The files beneath the root that are configuration by their names, and that nothing includes or names.

        () where a file beneath the root is not there as a whole: an include may be in what is missing. Other files
        (tables, variables of the start script) are used in ways that are not followed.
        """
        own = (path for path in self.used if path.startswith(f"{self.root}/"))
        if not self.mains or self.guessed or not self.files.whole.issuperset(own):
            return ()
        apart = [
            path
            for path in self.files.paths.under(self.root)
            if path not in self.used and _is_configuration(path.removeprefix(self.root))
        ]
        if not apart:
            return ()
        lines = (line.text for path in self.used for line in self.files.lines.get(path, ()))
        named = {word.rpartition("/")[2] for text in lines for word in _WORDS.split(text) if "." in word}
        return tuple(path for path in apart if path.rpartition("/")[2] not in named)

    guessed: bool = False
    """Whether ``mains`` are the usual includes, because the main file is missing."""
    _matched: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _compared: int = 0


def _is_configuration(path: str) -> bool:
    """Whether a path beneath the root is one of configuration, by its name or its folder."""
    return bool(_FILE.search(path.rpartition("/")[2]) or _FOLDER.search(path))


def _absolute(folder: str, path: str) -> str:
    return "/" + posixpath.normpath(posixpath.join(folder or "/", path)).lstrip("/")


@dataclass
class Opened(Generic[S]):
    """A file being read. ``context`` belongs to the reader: it begins with that of the file that includes it."""

    path: str
    whole: bool
    statements: Iterator[S]
    context: object
    above: tuple[str, ...]
    """The files through which this one is included."""


class Walk(Generic[S]):
    """The statements of a tree. While one is looked at, :meth:`include` puts other files before what follows it."""

    def __init__(self, tree: Tree, split: Callable[[Sequence[ConfigLine], bool], Iterable[S]]) -> None:
        self._tree = tree
        self._split = split
        self._known: dict[str, list[S]] = {}
        self._stack: list[Opened[S]] = []
        self._opened = 0

    def __iter__(self) -> Iterator[tuple[Opened[S], S]]:
        left = _MOST
        for main in self._tree.mains:
            if main in self._tree.used:
                continue
            self._push(main, None, ())
            while self._stack:
                opened = self._stack[-1]
                self._tree.used.setdefault(opened.path)
                for statement in opened.statements:
                    left -= 1
                    if left < 0:
                        self._tree.lacks("configuration", f"its files include each other for more than {_MOST:,} lines")
                        return
                    yield opened, statement
                    if self._stack[-1] is not opened:
                        break
                else:
                    self._stack.pop()

    def include(self, pattern: str, *, optional: bool = False, folders: bool = False) -> None:
        """Go on with the files that a pattern names."""
        opened = self._stack[-1]
        above = (*opened.above, opened.path)
        found: list[str] = []
        if self._opened <= _MOST_OPENED:
            found = self._tree.matching(pattern, optional=optional, folders=folders)
            self._opened += len(found)
        if self._opened > _MOST_OPENED:
            self._tree.lacks("includes", f"they open more than {_MOST_OPENED:,} files")
            return
        for path in reversed(found):
            if path in above:
                continue
            if len(above) >= _DEEPEST:
                self._tree.lacks(f"include {pattern}", f"more than {_DEEPEST} files include each other")
                return
            self._push(path, opened.context, above)

    def _push(self, path: str, context: object, above: tuple[str, ...]) -> None:
        whole = path in self._tree.files.whole
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = list(
                islice(self._split(self._tree.files.lines.get(path, ()), whole), _MOST + 1)
            )
        self._stack.append(Opened(path, whole, iter(known), context, above))


def tree_of(files: HostFiles, root: str, named: Sequence[str], usual: Sequence[str], folder: str = "") -> Tree:
    """The tree below ``root``. The main files are those that arguments have ``named`` or else the first of ``usual``
    that is there; where that cannot be read, every file that distributions include counts, and a gap records it.
    """
    mains = [path for path in named if path in files.paths]
    missing = [path for path in named if path not in files.paths]
    tree = Tree(files, root, mains, folder)
    for path in missing:
        tree.lacks(path, "this file is the main configuration according to the arguments, and it was not read")
    if not root or (named and (mains or not any(path.startswith(f"{root}/") for path in missing))):
        return tree
    tree.mains = [path for path in usual if path in files.paths][:1]
    if not tree.mains or missing:
        tree.mains = _usually_included(files, root)
        tree.guessed = True
        if tree.mains and not missing:
            tree.lacks("main configuration", f"none of {', '.join(usual)} was read: every *.conf counts as included")
    elif (main := tree.mains[0]) not in files.whole and len(files.lines.get(main, ())) >= _FEW:
        # Recordings made before have only some lines of it: an include may be among the others.
        tree.mains += _usually_included(files, root)
        tree.guessed = True
    return tree


_FEW = 80


def _usually_included(files: HostFiles, root: str) -> list[str]:
    """The files that distributions include, where no main file names them."""
    return [
        path
        for path in files.paths.under(root)
        if (path.endswith((".conf", ".cfg", ".load", ".vhost")) or "-enabled/" in path) and "/snippets/" not in path
    ]
