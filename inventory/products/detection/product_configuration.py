"""The configuration of one product among the files of a host: its directories, and words of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable


def roots_of(paths: Iterable[str], usual: re.Pattern[str], main_files: frozenset[str]) -> tuple[str, ...]:
    """The directories of a product's configuration. ``usual`` matches the usual ones at the start of a path; another
    directory is one when one of ``main_files`` is in it.
    """
    found: dict[str, None] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if match := usual.match(path):
            found.setdefault(match[0].rstrip("/"))
        elif name in main_files:
            found.setdefault(folder)
    return tuple(found)


def quoted_words(text: str) -> list[str]:
    """Words of a line as Apache and others split it: at blanks outside of single or double quotes, which go."""
    return [a or b or c for a, b, c in re.findall(r'"([^"]*)"?|\'([^\']*)\'?|([^\s"\']+)', text)]


def unique(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, in order, without empty ones."""
    return tuple(word for word in dict.fromkeys(words) if word)
