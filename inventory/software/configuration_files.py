"""Configuration of one product among the lines of a host: the directories it stands in, and its lines file by file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from inventory.model.configuration import ConfigLine


def roots_of(
    lines: Iterable[ConfigLine], usual: re.Pattern[str], main_files: frozenset[str]
) -> dict[str, dict[str, list[ConfigLine]]]:
    """Lines by directory of configuration and file. ``usual`` matches the usual directories at the start of a path;
    another directory is one of the product when one of ``main_files`` stands in it.
    """
    by_path: dict[str, list[ConfigLine]] = {}
    for line in lines:
        by_path.setdefault(line.path, []).append(line)
    found: dict[str, dict[str, list[ConfigLine]]] = {}
    elsewhere = {folder for path in by_path for folder, name in [_split(path)] if name in main_files}
    for path, content in by_path.items():
        match = usual.match(path)
        root = match[0].rstrip("/") if match else _above(path, elsewhere)
        if root:
            found.setdefault(root, {})[path] = content
    return found


def quoted_words(text: str) -> list[str]:
    """Words of a line as Apache and others split it: at blanks outside of single or double quotes, which go."""
    return [a or b or c for a, b, c in re.findall(r'"([^"]*)"?|\'([^\']*)\'?|([^\s"\']+)', text)]


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, in order, without empty ones."""
    return tuple(word for word in dict.fromkeys(words) if word)


def in_order(files: Mapping[str, list[ConfigLine]]) -> Iterator[tuple[str, list[ConfigLine]]]:
    """Files by path, their lines by number."""
    for path in sorted(files):
        yield path, sorted(files[path], key=lambda line: line.number)


def _split(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return folder, name


def _above(path: str, folders: set[str]) -> str:
    """The directory among ``folders`` that ``path`` lies in, at any depth; "" when none does."""
    folder = path.rpartition("/")[0]
    while folder:
        if folder in folders:
            return folder
        folder = folder.rpartition("/")[0]
    return ""
