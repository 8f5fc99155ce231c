"""What a text names: paths, programs, modules, shared objects. Pure: bytes in, names out.

A false name costs nothing, since a name counts only when the host has such a file; a missed one may cost the service.
So comments are left out (distributions explain their defaults in them, at length) and little else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from containerize.tables import table

_PATH = re.compile(r"(?<![\w./})\]>*~%?&-])/(?:[\w.@%+~-]+/?)+")
_SHARED_OBJECT = re.compile(r"(?<![\w./-])((?:pam_|lib|mod_)?[\w-]+\.so(?:\.\d+)*)\b")
_SCRIPT = re.compile(r"^#!\s*(\S+)(?:\s+(\S+))?")
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "ash", "zsh", "mksh"})

_SHELL_COMMAND = re.compile(
    r"""(?:^|[|;&({`!]|\$\(|\b(?:then|do|else|elif|if|while|until|exec|sudo|nice|nohup|env|time|xargs|command|setsid)\s)
        \s*(?:[A-Za-z_]\w*=(?:[^\s$`]|\$[^(\s])*\s+)*  # assignments before the command
        (?=([A-Za-z0-9_][\w.+-]*))                     # not taken: it may be a keyword before another""",
    re.VERBOSE | re.MULTILINE,
)
_CALL = re.compile(
    r"""\b(?:exec|shell_exec|system|passthru|popen\d?|proc_open|pcntl_exec|spawn\w*|run|call|check_call|check_output
        |Popen|getoutput|getstatusoutput|which|find_executable|execvp?e?|execlp?e?|qx|ProcessBuilder|execFile\w*
        |execSync|capture\d\w*|create_subprocess_(?:exec|shell)|command)
        \s*[\[(]?\s*[\[(]?\s*(?:[\w.]+\s*,\s*)?  ["'`]([^"'`\n]{1,400})["'`]""",
    re.VERBOSE,
)
_COMMAND_SPLIT = re.compile(r"[|;&]+|\$\(")
_WRAPPERS = frozenset({"sudo", "nice", "env", "nohup", "exec", "time", "setsid", "timeout", "xargs", "ionice"})

_HASH_COMMENT = re.compile(r"(?m)^[ \t]*#(?!!).*$")
_SEMICOLON_COMMENT = re.compile(r"(?m)^[ \t]*;.*$")
_SLASH_COMMENT = re.compile(r"(?m)^[ \t]*(?://|\*).*$")
_XML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

MAX_NAMES = 20_000
"""More distinct names than this come from data, not from a program or its configuration."""


@dataclass(frozen=True, slots=True)
class Mentions:
    """``paths`` are absolute, ``programs`` bare names that would be looked up on PATH, ``objects`` names of shared
    objects, ``modules`` (language, name) pairs, ``words`` every identifier of a source file of a language that loads
    modules by name.
    """

    paths: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    modules: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[tuple[str, str]] = frozenset()


NOTHING = Mentions()


@dataclass(frozen=True)
class Language:
    """A row of ``languages.toml``."""

    name: str
    interpreter: re.Pattern[str]
    files: re.Pattern[str]
    shebang: str
    imports: tuple[re.Pattern[str], ...]
    separator: str
    suffixes: tuple[str, ...]
    directories: tuple[str, ...]
    unowned: tuple[str, ...]
    words: bool


@cache
def languages() -> tuple[Language, ...]:
    """All rows of ``languages.toml``."""
    return tuple(_language(row) for row in table("languages")["language"])


def _language(row: dict[str, Any]) -> Language:
    return Language(
        name=row["name"],
        interpreter=re.compile(row["interpreter"]),
        files=re.compile(row["files"]),
        shebang=row["shebang"],
        imports=tuple(re.compile(pattern) for pattern in row["imports"]),
        separator=row["separator"],
        suffixes=tuple(row["suffixes"]),
        directories=tuple(row["directories"]),
        unowned=tuple(row["unowned"]),
        words=row["words"],
    )


def is_text(content: bytes) -> bool:
    """Whether it reads like text: no NUL near its beginning."""
    return b"\0" not in content[:8192]


def find_mentions(path: str, content: bytes) -> Mentions:
    """Everything that the file ``path`` names. A binary names nothing here (see :mod:`containerize.closure.elf`)."""
    if not is_text(content):
        return NOTHING
    text = content.decode("utf-8", "surrogateescape")
    first = _SCRIPT.match(text)
    interpreter = _interpreter(first)
    bare = _without_comments(path, text, interpreter)
    programs: set[str] = set()
    if interpreter in _SHELLS or (not interpreter and path.endswith((".sh", ".bash"))):
        programs.update(match[1] for match in _limited(_SHELL_COMMAND.finditer(bare)))
    for call in _limited(_CALL.finditer(bare)):
        programs.update(_commands(call[1]))
    if first and first[2] and interpreter:
        programs.add(interpreter)
    modules: set[tuple[str, str]] = set()
    words: set[tuple[str, str]] = set()
    for language in languages():
        if language.files.search(path) or (interpreter and language.shebang in interpreter):
            for pattern in language.imports:
                modules.update((language.name, match[1]) for match in _limited(pattern.finditer(bare)))
            if language.words:
                words.update((language.name, match[0]) for match in _limited(re.finditer(r"\b[A-Za-z_]\w{2,}\b", bare)))
    paths = {match[0].rstrip("/.~-") for match in _limited(_PATH.finditer(bare))}
    if first:
        paths.add(first[1])
    return Mentions(
        frozenset(path for path in paths if len(path) > 1),
        frozenset(programs),
        frozenset(match[1] for match in _limited(_SHARED_OBJECT.finditer(bare))),
        frozenset(modules),
        frozenset(words),
    )


def mentions_of_arguments(arguments: tuple[bytes, ...]) -> Mentions:
    """Paths in an argument vector, also behind ``=`` and within ``:``-separated lists."""
    text = "\n".join(argument.decode("utf-8", "surrogateescape") for argument in arguments)
    return Mentions(paths=frozenset(match[0].rstrip("/.") or "/" for match in _limited(_PATH.finditer(text))))


def _limited(matches: Iterator[re.Match[str]]) -> Iterator[re.Match[str]]:
    for count, match in enumerate(matches):
        if count >= MAX_NAMES:
            return
        yield match


def _interpreter(first: re.Match[str] | None) -> str:
    """The name of the interpreter of a script; ``#!/usr/bin/env python3`` names its argument."""
    if first is None:
        return ""
    name = first[1].rsplit("/", 1)[-1]
    if name == "env" and first[2]:
        return first[2].rsplit("/", 1)[-1]
    return name


def _without_comments(path: str, text: str, interpreter: str) -> str:
    bare = _HASH_COMMENT.sub("", text)
    if path.endswith((".ini", ".conf", ".cnf")) and not interpreter:
        bare = _SEMICOLON_COMMENT.sub("", bare)
    if path.endswith((".php", ".inc", ".js", ".java", ".c", ".go", ".ts")):
        bare = _SLASH_COMMENT.sub("", bare)
    if path.endswith((".xml", ".html", ".config")):
        bare = _XML_COMMENT.sub("", bare)
    return bare


def _commands(line: str) -> Iterator[str]:
    """The programs of a command line that code hands to a shell, or the first word of a vector."""
    for piece in _COMMAND_SPLIT.split(line):
        words = [word for word in piece.split() if "=" not in word]
        while words and (words[0] in _WRAPPERS or words[0].startswith("-")):
            if not words[0].startswith("-"):
                yield words[0]
            words.pop(0)
        if words and "/" not in words[0]:
            yield words[0].strip("\"'()")
