"""The lines of configuration and code of one host, found by the directory or file they stand in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from inventory.model.configuration import ConfigLine

# The library of a run-time that lies among an application's files, as one that somebody compiled there has it. What its
# code can do says nothing of what the application does.
_LIBRARY_OF_RUN_TIME = re.compile(r"/lib(?:64|exec)?/(?:python[0-9.]+|perl5?|ruby|tcl[0-9.]*|R/library)/")


class ConfigurationLines:
    """An index over the section configuration, without the code of run-times. Roots are files or directories."""

    def __init__(self, lines: Iterable[ConfigLine] = ()) -> None:
        by_path: dict[str, list[ConfigLine]] = {}
        for line in lines:
            by_path.setdefault(line.path, []).append(line)
        for path in [path for path in by_path if _LIBRARY_OF_RUN_TIME.search(path)]:
            kept = [line for line in by_path.pop(path) if not line.code]
            if kept:
                by_path[path] = kept
        self._by_path = by_path
        self._paths = sorted(by_path)

    def paths_under(self, root: str) -> Iterator[str]:
        """The files that are ``root`` or lie beneath it, in order."""
        if root in self._by_path:
            yield root
        prefix = root.rstrip("/") + "/"
        for index in range(bisect_left(self._paths, prefix), len(self._paths)):
            path = self._paths[index]
            if not path.startswith(prefix):
                return
            yield path

    def of(self, path: str) -> Sequence[ConfigLine]:
        """The lines of one file, () when there are none."""
        return self._by_path.get(path, ())

    def under(self, roots: Iterable[str]) -> Iterator[ConfigLine]:
        """The lines of all files under ``roots``, each once, files of the first root first."""
        seen: set[str] = set()
        for root in roots:
            for path in self.paths_under(root):
                if path not in seen:
                    seen.add(path)
                    yield from self._by_path[path]


def is_comment(line: ConfigLine) -> bool:
    """Whether a line only comments. What it names is then not in force."""
    return line.text.lstrip().startswith(("#", ";", "//", "--", "<!--", "*", "/*", "dnl ", "REM "))
