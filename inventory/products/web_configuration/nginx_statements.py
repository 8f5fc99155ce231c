"""The directives of a file of nginx, split as ngx_conf_read_token does:
https://github.com/nginx/nginx/blob/master/src/core/ngx_conf_file.c.

A directive may span any number of lines. Of a file of which only some lines are there each line is read by itself. An
error that makes nginx reject the file costs only its own line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inventory.model.configuration import ConfigLine

_BLANK = re.compile(r"(?:\s++|#[^\n]*+)++")
_QUOTED = re.compile(r"""(?s:"(?P<double>(?:[^"\\]|\\.)*+)"|'(?P<single>(?:[^'\\]|\\.)*+)')""")
_BARE = re.compile(r"(?s:[^\s;{\\$]|\\.|\\|\$\{?)++")
_AFTER = re.compile(r"[\s;{)]|\Z")
_ESCAPED = re.compile(r"""\\(["'\\])""")
# The code of OpenResty's blocks: what may hold a brace that is none, or a brace.
_LUA = re.compile(
    r"""(?s:(?:--)?\[\[.*?(?:\]\]|\Z))|--[^\n]*+|"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?|(?P<brace>[{}])"""
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A directive with its arguments; ``ends`` with ``;``, with ``{`` when it opens a block, or "" when cut off. A lone
    ``}`` has no arguments.
    """

    words: tuple[str, ...]
    ends: str
    line: ConfigLine


def statements(lines: Sequence[ConfigLine], whole: bool) -> Iterator[Statement]:
    """All directives of a file."""
    if whole:
        yield from _of_text(lines)
    else:
        for line in lines:
            yield from _of_text([line])


def _of_text(lines: Sequence[ConfigLine]) -> Iterator[Statement]:
    text = "\n".join([line.text.replace("\n", " ") for line in lines])
    words: list[str] = []
    at = index = counted = begun = 0
    while at < len(text):
        if blank := _BLANK.match(text, at):
            at = blank.end()
            continue
        index += text.count("\n", counted, at)
        counted = at
        sign = text[at]
        if sign in ";{}":
            at += 1
            if words:
                yield Statement(tuple(words), sign, lines[begun])
                if sign == "{" and words[0].endswith("_by_lua_block"):
                    at = _behind_code(text, at)
                words = []
            if sign == "}":
                yield Statement((), sign, lines[index])
            continue
        if not words:
            begun = index
        word, at = _word(text, at)
        words.append(word)
    if words:
        yield Statement(tuple(words), "", lines[begun])


def _word(text: str, at: int) -> tuple[str, int]:
    """The argument that begins at ``at``, and where it ends."""
    if text[at] in "\"'":
        quoted = _QUOTED.match(text, at)
        if quoted is not None and ("\n" not in quoted[0] or _AFTER.match(text, quoted.end())):
            return _ESCAPED.sub(r"\1", quoted["double"] or quoted["single"] or ""), quoted.end()
        # The quote has no end: nginx would reject the file, and here only the line is lost.
        end = text.find("\n", at)
        rest = text[at + 1 : end if end >= 0 else len(text)].rstrip()
        rest = rest[:-1] if rest.endswith((";", "{")) else rest
        return rest, at + 1 + len(rest)
    bare = _BARE.match(text, at)
    return (bare[0], bare.end()) if bare else (text[at], at + 1)


def _behind_code(text: str, at: int) -> int:
    """The end of the Lua that begins at ``at``."""
    depth = 1
    for part in _LUA.finditer(text, at):
        if part["brace"]:
            depth += 1 if part["brace"] == "{" else -1
            if depth == 0:
                return part.end()
    return len(text)
