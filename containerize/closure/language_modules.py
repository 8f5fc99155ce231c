"""Modules of programming languages, found by the names in source files."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from functools import cached_property

from containerize.closure.file_set import FileSet
from containerize.closure.references import Language, languages
from containerize.host.file_tree import HostTree


class ModuleFinder:
    """Looks names up in the module directories of a host."""

    def __init__(self, tree: HostTree) -> None:
        self._tree = tree

    @cached_property
    def _directories(self) -> dict[str, tuple[str, ...]]:
        return {
            language.name: tuple(place for pattern in language.directories for place in expand(self._tree, pattern))
            for language in languages()
        }

    @cached_property
    def _tops(self) -> dict[str, dict[str, str]]:
        """Name of a top module to its path, for languages whose modules are also named in strings."""
        tops: dict[str, dict[str, str]] = {}
        for language in languages():
            if language.words:
                names = tops.setdefault(language.name, {})
                for directory in self._directories[language.name]:
                    for path in self._tree.children(directory):
                        names.setdefault(path.rpartition("/")[2].split(".")[0], path)
        return tops

    def find(self, language: Language, name: str) -> str | None:
        """The file or directory of a module, by its longest part that exists (``a.b.C`` is found as ``a/b``); else the
        file that tells of a package of that name: the gem ``rack-protection`` is loaded as ``rack/protection``.
        """
        parts = [part for part in name.strip(language.separator).split(language.separator) if part not in ("", "..")]
        found = self._file(language, parts)
        if found is None and len(parts) == 1:
            found = next((path for form in language.named for path in expand(self._tree, form.format(parts[0]))), None)
        return found

    def _file(self, language: Language, parts: list[str]) -> str | None:
        while parts:
            stem = "/".join(parts)
            for directory in self._directories[language.name]:
                for suffix in language.suffixes:
                    for path in expand(self._tree, f"{directory}/{stem}{suffix}".rstrip("/")):
                        return path
            parts = parts[:-1]
        return None

    def top(self, language: Language, word: str) -> str | None:
        """A top module of exactly this name."""
        return self._tops.get(language.name, {}).get(word)


def active_languages(file_set: FileSet) -> Iterator[Language]:
    """Languages whose interpreter is in the image."""
    names = {
        path.rpartition("/")[2] for path in file_set.claims if path.startswith(("/usr/", "/bin/", "/opt/", "/lib"))
    }
    for language in languages():
        if any(language.interpreter.match(name) for name in names):
            yield language


def add_unowned_modules(file_set: FileSet) -> None:
    """Modules that people installed past the package manager (pip, gem, npm) come whole: they declare nothing to us."""
    for language in active_languages(file_set):
        for pattern in language.unowned:
            for place in expand(file_set.tree, pattern):
                if place not in file_set.claims and _has_files(file_set.tree, place):
                    file_set.whole(place, f"is below {place}, where {language.name} looks for modules")


def _has_files(tree: HostTree, directory: str) -> bool:
    return any((entry := tree.get(path)) is not None and entry.kind == "f" for path in tree.below(directory))


def expand(tree: HostTree, pattern: str) -> Iterator[str]:
    """The paths that a pattern with ``*`` within single names stands for."""
    if "*" not in pattern:
        if pattern in tree:
            yield pattern
        return
    found = [""]
    for part in pattern.split("/")[1:]:
        if "*" in part:
            found = [
                child
                for place in found
                for child in tree.children(place or "/")
                if fnmatch.fnmatchcase(child.rpartition("/")[2], part)
            ]
        else:
            found = [f"{place}/{part}" for place in found if f"{place}/{part}" in tree]
    yield from found
