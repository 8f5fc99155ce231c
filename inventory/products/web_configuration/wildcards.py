"""Paths with wildcards, matched as glob(3) does: each component by itself, and a first dot only by a dot.

The patterns come from hosts, so no regular expression is made of them: the time is that of the pattern times the name.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

SPECIAL = frozenset("*?[")


class Paths:
    """Files by directory, to look for those that a pattern matches."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._sorted = sorted(set(paths))
        self._known = frozenset(self._sorted)

    def __contains__(self, path: str) -> bool:
        return path in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._sorted)

    def under(self, folder: str) -> Sequence[str]:
        """The files beneath a directory, in order."""
        prefix = folder.rstrip("/") + "/"
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix[:-1] + "0", start)  # the character after the slash
        return self._sorted[start:end]

    def matching(self, pattern: str) -> Iterator[str]:
        """The files that an absolute pattern names, in order. One without a wildcard names itself."""
        if SPECIAL.isdisjoint(pattern):
            if pattern in self._known:
                yield pattern
            return
        wanted = pattern.split("/")
        fixed = _fixed(wanted)
        for path in self.under("/".join(wanted[:fixed])):
            names = path.split("/")
            if len(names) == len(wanted) and all(map(matches, names[fixed:], wanted[fixed:])):
                yield path

    def cost(self, pattern: str) -> int:
        """About how many steps :meth:`matching` takes."""
        if SPECIAL.isdisjoint(pattern):
            return 1
        wanted = pattern.split("/")
        return len(self.under("/".join(wanted[: _fixed(wanted)]))) * (len(pattern) + _NAME * pattern.count("*"))


_NAME = 64
"""Characters of a path, roughly."""


def _fixed(wanted: Sequence[str]) -> int:
    """The number of components before the first with a wildcard."""
    return next(at for at, each in enumerate(wanted) if not SPECIAL.isdisjoint(each))


def matches(name: str, pattern: str) -> bool:
    """Whether one component of a path matches a pattern."""
    if name.startswith(".") and not pattern.startswith("."):
        return False
    at = here = 0
    star = mark = -1
    while here < len(name):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
            continue
        after = _one(pattern, at, name[here]) if at < len(pattern) else 0
        if after:
            at, here = after, here + 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return all(each == "*" for each in pattern[at:])


def _one(pattern: str, at: int, character: str) -> int:
    """The place in the pattern after its part at ``at`` matched ``character``; 0 when it does not match."""
    first = pattern[at]
    if first == "?":
        return at + 1
    if first == "\\" and at + 1 < len(pattern):
        return at + 2 if pattern[at + 1] == character else 0
    if first != "[":
        return at + 1 if first == character else 0
    inside = at + 1
    negated = pattern[inside : inside + 1] in ("!", "^")
    inside += negated
    close = pattern.find("]", inside + 1, inside + _LONGEST_SET)
    if close < 0:
        return at + 1 if character == "[" else 0
    found = False
    while inside < close:
        if pattern[inside + 1] == "-" and inside + 2 < close:
            found = found or pattern[inside] <= character <= pattern[inside + 2]
            inside += 3
        else:
            found = found or pattern[inside] == character
            inside += 1
    return close + 1 if found is not negated else 0


_LONGEST_SET = 64
