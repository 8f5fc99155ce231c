"""Names that a text refers to: paths, programs, modules, shared objects. Pure: bytes in, names out.

A false name costs nothing, since a name counts only when the host has such a file; a missed one may cost the service.
So comments are left out (distributions explain their defaults in them, at length) and little else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from ahocorasick_rs import BytesAhoCorasick, Implementation

from containerize.data_tables import data_table

# Patterns begin with plain text, for which a search is many times quicker than for anything else; what must not be
# before it is looked at after it.
_PATH = re.compile(r"/(?<![\w./})\]>*~%?&-]/)[\w.@%+~-]+(?:/[\w.@%+~-]+)*/?")
# Directories that an option adds to a search path: ``perl -I/srv/lib``, ``PerlSwitches -I/srv/lib``, ``-L/opt/x/lib``.
_OPTION_PATH = re.compile(r"-[IL](?<![\w./-]-[IL])(/[\w.@%+~-]+(?:/[\w.@%+~-]+)*)")
# Only for lines with ".so".
_SHARED_OBJECT = re.compile(r"(?<![\w./-])((?:pam_|lib|mod_)?[\w-]+\.so(?:\.\d+)*)\b")
_SCRIPT = re.compile(r"^#!\s*(\S+)(?:\s+(\S+))?")
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "ash", "zsh", "mksh"})

_SHELL_COMMAND = re.compile(
    # A word before the command has a blank or a sign before it, so that none is within an assignment. No possessive
    # group around what can fail half-way: Python before 3.11.5 loses a character there (gh-106052). What follows always
    # matches, so nothing is tried twice.
    r"""(?:^|[|;&({`!]
        |(?<![^\s|;&({`!])(?:then|do|else|elif|if|while|until|exec|sudo|nice|nohup|env|time|xargs|command|setsid)[ \t])
        [ \t]*+
        (?:[A-Za-z_]\w*=(?:"[^"\n$`]*"|'[^'\n]*'|[^\s$`"'|;&(){}!]|\$[^(\s`"'|;&])*[ \t]*)*  # assignments before it
        (?=([A-Za-z0-9_][\w.+-]*)?)                     # not taken: it may be a keyword before another""",
    re.VERBOSE | re.MULTILINE,
)
_CALL = re.compile(
    r"""\b(?:exec|shell_exec|system|passthru|popen\d?|proc_open|pcntl_exec|spawn\w{0,32}+|run|call|check_call|check_output
        |Popen|getoutput|getstatusoutput|which|find_executable|execvp?e?|execlp?e?|qx|ProcessBuilder|execFile\w{0,32}+
        |execSync|capture\d\w{0,32}+|create_subprocess_(?:exec|shell)|command)
        \s*+[\[(]?\s*+[\[(]?\s*+(?:[\w.]{1,99}+\s*+,\s*+)?  ["'`]([^"'`\n]{1,400})["'`]""",
    re.VERBOSE,
)
_CALLED = BytesAhoCorasick(
    b"""exec shell_exec system passthru popen proc_open pcntl_exec spawn run call check_call check_output Popen
    getoutput getstatusoutput which find_executable qx ProcessBuilder capture create_subprocess_ command""".split(),
    implementation=Implementation.DFA,
)
"""How the names in _CALL begin."""
_PIECE = 256 << 10
_LONGEST_CALLED = 32
_WORD = re.compile(r"\b[A-Za-z_]\w{2,}\b")
_WORD_BYTES = {byte: " " for byte in range(128) if not (chr(byte).isalnum() or chr(byte) == "_")}
_COMMAND_SPLIT = re.compile(r"[|;&]+|\$\(")
_WRAPPERS = frozenset({"sudo", "nice", "env", "nohup", "exec", "time", "setsid", "timeout", "xargs", "ionice"})

# For texts with a newline before the first line.
_HASH_COMMENT = re.compile(r"\n[ \t]*#(?!!).*")
_SEMICOLON_COMMENT = re.compile(r"\n[ \t]*;.*")
_SLASH_COMMENT = re.compile(r"\n[ \t]*(?://|\*).*")

_T = TypeVar("_T")

MAX_NAMES = 20_000
"""More distinct names than this come from data, not from a program or its configuration."""


@dataclass(frozen=True, slots=True)
class References:
    """``paths`` are absolute, ``programs`` bare names that would be looked up on PATH, ``objects`` names of shared
    objects, ``modules`` (language, name) pairs, ``words`` every identifier of a source file of a language that loads
    modules by name. ``cut``: it names more than is looked for.
    """

    paths: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    modules: frozenset[tuple[str, str]] = frozenset()
    words: frozenset[tuple[str, str]] = frozenset()
    cut: bool = False


NOTHING = References()


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
    named: tuple[str, ...] = ()


@cache
def languages() -> tuple[Language, ...]:
    """All rows of ``languages.toml``."""
    return tuple(_language(row) for row in data_table("languages")["language"])


def _language(row: dict[str, Any]) -> Language:
    return Language(
        name=row["name"],
        interpreter=re.compile(row["interpreter"]),
        files=re.compile(row["files"]),
        shebang=row["shebang"],
        imports=tuple(re.compile(pattern.replace("(?m)^", "(?m)\n")) for pattern in row["imports"]),
        separator=row["separator"],
        suffixes=tuple(row["suffixes"]),
        directories=tuple(row["directories"]),
        unowned=tuple(row["unowned"]),
        words=row["words"],
        named=tuple(row.get("named", ())),
    )


def is_text(content: bytes) -> bool:
    """Whether it reads like text: no NUL near its beginning."""
    return b"\0" not in content[:8192]


def find_references(path: str, content: bytes) -> References:
    """All references in the file ``path``. A binary has none here (see :mod:`containerize.closure.elf_libraries`)."""
    if not is_text(content):
        return NOTHING
    text = content.decode("utf-8", "surrogateescape")
    first = _SCRIPT.match(text)
    interpreter = _interpreter(first)
    limited = _Limited()
    lines = _without_comments(path, text, interpreter)
    bare = lines[1:]
    programs: set[str] = set()
    if interpreter in _SHELLS or (not interpreter and path.endswith((".sh", ".bash"))):
        programs.update(match[1] for match in limited(each for each in _SHELL_COMMAND.finditer(bare) if each[1]))
    for call in limited(_calls(bare)):
        programs.update(_commands(call[1]))
    if first and first[2] and interpreter:
        programs.add(interpreter)
    modules: set[tuple[str, str]] = set()
    words: set[tuple[str, str]] = set()
    for language in languages():
        if language.files.search(path) or (interpreter and language.shebang in interpreter):
            for pattern in language.imports:
                modules.update((language.name, match[1]) for match in limited(pattern.finditer(lines)))
            if language.words:
                words.update((language.name, word) for word in set(_words(bare, limited)))
    paths = {match[0].rstrip("/.~-") for match in limited(_PATH.finditer(bare))}
    paths.update(match[1].rstrip("/.~-") for match in limited(_OPTION_PATH.finditer(bare)))
    if first:
        paths.add(first[1])
    objects = "\n".join(_lines_with(bare, ".so"))
    return References(
        frozenset(path for path in paths if len(path) > 1),
        frozenset(programs),
        frozenset(match[1] for match in limited(_SHARED_OBJECT.finditer(objects))),
        frozenset(modules),
        frozenset(words),
        limited.cut,
    )


def references_in_arguments(arguments: tuple[bytes, ...]) -> References:
    """Paths in an argument vector, also behind ``=`` and within ``:``-separated lists."""
    text = "\n".join(argument.decode("utf-8", "surrogateescape") for argument in arguments)
    paths = {match[0].rstrip("/.") or "/" for match in _Limited()(_PATH.finditer(text))}
    paths.update(match[1].rstrip("/.") for match in _Limited()(_OPTION_PATH.finditer(text)))
    return References(paths=frozenset(paths))


class _Limited:
    """The first matches of each pattern; ``cut``: there were more."""

    def __init__(self) -> None:
        self.cut = False

    def __call__(self, matches: Iterator[_T]) -> Iterator[_T]:
        yield from islice(matches, MAX_NAMES)
        self.cut = self.cut or next(matches, None) is not None


def _calls(text: str) -> Iterator[re.Match[str]]:
    """The matches of _CALL, which is tried only where a name of it begins."""
    known = 0
    # One byte for each character, so that places are the same; names are of ASCII.
    plain = text.encode("ascii", "replace")
    for begin in range(0, len(plain), _PIECE):
        piece = plain[begin : begin + _PIECE + _LONGEST_CALLED]
        places = {at for _, at, _ in _CALLED.find_matches_as_indexes(piece, overlapping=True) if at < _PIECE}
        for at in sorted(places):
            if begin + at >= known and (match := _CALL.match(text, begin + at)):
                known = match.end()
                yield match


def _words(text: str, limited: _Limited) -> Iterable[str]:
    """Identifiers of three characters and more."""
    if not text.isascii():
        return (match[0] for match in limited(_WORD.finditer(text)))
    found = text.translate(_WORD_BYTES).split()
    if len(found) <= MAX_NAMES:
        return {word for word in found if len(word) > 2 and not word[0].isdigit()}
    return limited(word for word in found if len(word) > 2 and not word[0].isdigit())


def _lines_with(text: str, part: str) -> Iterator[str]:
    """The lines of a text in which ``part`` occurs."""
    at = text.find(part)
    while at >= 0:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        yield text[text.rfind("\n", 0, at) + 1 : end]
        at = text.find(part, end)


def _interpreter(first: re.Match[str] | None) -> str:
    """The name of the interpreter of a script; ``#!/usr/bin/env python3`` names its argument."""
    if first is None:
        return ""
    name = first[1].rsplit("/", 1)[-1]
    if name == "env" and first[2]:
        return first[2].rsplit("/", 1)[-1]
    return name


def _without_comments(path: str, text: str, interpreter: str) -> str:
    """The text, after a newline, without lines that are comments."""
    bare = _HASH_COMMENT.sub("\n", f"\n{text}")
    if path.endswith((".ini", ".conf", ".cnf")) and not interpreter:
        bare = _SEMICOLON_COMMENT.sub("\n", bare)
    if path.endswith((".php", ".inc", ".js", ".java", ".c", ".go", ".ts")):
        bare = _SLASH_COMMENT.sub("\n", bare)
    if path.endswith((".xml", ".html", ".config")):
        bare = "".join(_without_xml_comments(bare))
    return bare


def _without_xml_comments(text: str) -> Iterator[str]:
    """The text outside comments. An unterminated comment counts as text."""
    at = 0
    while (begin := text.find("<!--", at)) >= 0 and (end := text.find("-->", begin + 4)) >= 0:
        yield text[at:begin]
        at = end + 3
    yield text[at:]


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
