"""Paths and pid files that an init script names for its program, with the script's own variables expanded.

The script is never run. Only plain assignments are expanded, which is how init scripts name their daemon:
``NAME=mariadb``, ``PIDFILE=/var/run/$NAME.pid``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_ASSIGNMENT = re.compile(
    r"""^[ \t]*+(?:export[ \t]++|local[ \t]++|readonly[ \t]++)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
    (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s;&|]*))""",
    re.MULTILINE | re.VERBOSE,
)
_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?::?[-=](?P<default>[^{}]*))?\}|(?P<plain>[A-Za-z_][A-Za-z0-9_]*))"
)
_PATH = re.compile(r"/[A-Za-z0-9_.@+:\-]+(?:/[A-Za-z0-9_.@+:\-]+)*")
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_LIMIT = 64 * 1024
# A script is hostile input like everything else: what its variables grow to is bounded.
_LONGEST_VALUE = 512
_MOST_VALUES = 5000


@dataclass(frozen=True, slots=True)
class Script:
    """``paths`` are the absolute paths that the script names outside of comments, with /var/run written as /run."""

    paths: frozenset[str]

    @property
    def pid_files(self) -> frozenset[str]:
        """Those of its paths that look like pid files."""
        return frozenset(path for path in self.paths if path.endswith(".pid") or path.startswith("/run/"))


@lru_cache(maxsize=512)
def read_script(text: str) -> Script:
    """The paths that an init script names. Anything may be in ``text``; only its first 64 KiB are looked at."""
    code = _COMMENT.sub("", text[:_LIMIT])
    variables: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(code):
        value = match["double"] if match["double"] is not None else match["single"] or match["bare"] or ""
        # The first assignment is the default at the head of the script; later ones are in branches.
        if len(value) <= _LONGEST_VALUE:
            variables.setdefault(match["name"], value)
    expanded = _fill_in(code, variables)
    return Script(frozenset(run_path(path.rstrip(":.")) for path in _PATH.findall(expanded)))


def run_path(path: str) -> str:
    """/var/run is a link to /run on anything newer than ten years; compare under one name."""
    return path[4:] if path.startswith("/var/run/") else path


def _fill_in(text: str, variables: dict[str, str]) -> str:
    values = dict(variables)
    for name in values:
        value = values[name]
        for _ in range(4):
            if "$" not in value:
                break
            value = _VARIABLE.sub(lambda match: _value(match, values), value, count=16)[:_LONGEST_VALUE]
        values[name] = value
    return _VARIABLE.sub(lambda match: _value(match, values), text, count=_MOST_VALUES)


def _value(match: re.Match[str], values: dict[str, str]) -> str:
    name = match["braced"] or match["plain"]
    return values.get(name) or match["default"] or ""
