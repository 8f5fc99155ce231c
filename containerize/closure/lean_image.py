"""The groups of files that a lean image leaves out, each with its reason (``data/lean.toml``).

The groups are about what nothing reads while a service runs. Whatever was seen or said to be used stays, however its
name looks.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from containerize.closure.file_set import FileSet
from containerize.data_tables import data_table
from containerize.plan.model import LeftOutGroup

_LANGUAGE_VARIABLES = (b"LANG", b"LANGUAGE", b"LC_ALL", b"LC_MESSAGES", b"LC_CTYPE", b"LC_TIME")


@dataclass(frozen=True)
class LeanGroup:
    """A row of the table. ``language`` finds the language in a path, None where it has none."""

    name: str
    reason: str
    paths: re.Pattern[str]
    but: re.Pattern[str] | None
    language: re.Pattern[str] | None
    beside_source: bool

    def covers(self, path: str, languages: frozenset[str]) -> bool:
        """Whether a path is one of the group's."""
        if not self.paths.match(path) or (self.but is not None and self.but.match(path)):
            return False
        found = self.language.match(path) if self.language is not None else None
        return found is None or found[1] not in languages


@cache
def lean_groups() -> tuple[LeanGroup, ...]:
    """All rows of the table."""
    return tuple(
        LeanGroup(
            row["name"],
            row["reason"],
            _any_of(row["paths"]),
            _any_of(row["but"]) if "but" in row else None,
            re.compile("|".join(rf"{re.escape(_stem(path))}([^/]+)/" for path in row["paths"][:1]))
            if row.get("languages")
            else None,
            row.get("beside_source", False),
        )
        for row in data_table("lean")["group"]
    )


def _stem(pattern: str) -> str:
    return pattern.partition("*")[0]


def _any_of(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(pattern) for pattern in patterns))


def languages_of(environments: Iterable[Sequence[bytes]]) -> frozenset[str]:
    """Names of the directories of messages that programs with these environments may ask for: ``de_DE.UTF-8`` is
    looked up as ``de_DE.UTF-8``, ``de_DE`` and ``de``.
    """
    found: set[str] = set()
    for environment in environments:
        for entry in environment:
            name, _, value = entry.partition(b"=")
            if name not in _LANGUAGE_VARIABLES:
                continue
            for word in value.decode("utf-8", "replace").split(":"):
                if word in ("", "C", "POSIX"):
                    continue
                bare = word.partition("@")[0]
                whole = bare.partition(".")[0]
                found |= {word, bare, whole, whole.partition("_")[0], word.replace(f".{bare.partition('.')[2]}", "")}
    return frozenset(found - {""})


def make_lean(file_set: FileSet, languages: frozenset[str]) -> tuple[LeftOutGroup, ...]:
    """Take the files of all groups out of what was collected, with the links that lead nowhere then and the directories
    that held nothing else.
    """
    tree = file_set.tree
    removed: dict[str, LeanGroup] = {}
    for path in sorted(file_set.claims):
        entry = tree.get(path)
        if entry is None or entry.kind != "f" or path in file_set.used:
            continue
        group = next((each for each in lean_groups() if each.covers(path, languages)), None)
        if group is not None and not (group.beside_source and _source(path) not in file_set.claims):
            removed[path] = group
    for path in sorted(file_set.claims):
        entry = tree.get(path)
        if entry is not None and entry.kind == "l" and path not in file_set.used:
            resolved = tree.resolve(path)
            if resolved is not None and resolved.path in removed:
                removed[path] = removed[resolved.path]
    _forget(file_set, removed)
    return tuple(
        LeftOutGroup(
            group.name,
            group.reason,
            _size(file_set, paths),
            tuple(paths),
        )
        for group in lean_groups()
        if (paths := [path for path, found in removed.items() if found is group])
    )


def _source(path: str) -> str:
    """The source of bytecode (PEP 3147): ``a/__pycache__/b.cpython-311.pyc`` is made of ``a/b.py``."""
    directory, _, name = path.rpartition("/")
    return f"{directory.rpartition('/')[0]}/{name.partition('.')[0]}.py"


def _size(file_set: FileSet, paths: Iterable[str]) -> int:
    """Bytes of files, each file with several names once."""
    sizes: dict[str, int] = {}
    for path in paths:
        entry = file_set.tree.get(path)
        if entry is not None and entry.kind == "f":
            sizes[entry.inode or path] = entry.size
    return sum(sizes.values())


def _forget(file_set: FileSet, removed: Iterable[str]) -> None:
    tree = file_set.tree
    emptied: set[str] = set()
    for path in removed:
        file_set.claims.pop(path, None)
        emptied.update(tree.parents(path))
    held: set[str] = set()
    for path in file_set.claims:
        entry = tree.get(path)
        if entry is not None and entry.kind != "d":
            held.update(tree.parents(path))
    for path in emptied - held - file_set.used:
        # What held other directories only goes with them; one that is there for the service to fill held no file.
        if not any(child in file_set.claims and child not in emptied for child in tree.children(path)):
            file_set.claims.pop(path, None)
