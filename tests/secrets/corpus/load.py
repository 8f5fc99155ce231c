"""The cases of the corpus, as they are on a host, and the half each belongs to."""

from __future__ import annotations

import hashlib
import re
import shlex
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Literal

Half = Literal["tuning", "held out"]

_HERE = Path(__file__).parent
_SECRET = re.compile(r"⟦([^⟦⟧]+)⟧", re.S)


@dataclass(frozen=True)
class SecretFile:
    """A text file of a host; ``secrets`` are the values in it, as they are written there."""

    path: str
    content: bytes
    secrets: tuple[bytes, ...]


@dataclass(frozen=True)
class SecretLine:
    """A line with secrets. The line without marks is its name."""

    line: str
    secrets: tuple[bytes, ...]

    @property
    def arguments(self) -> bytes:
        """The line as a NUL-separated argument vector."""
        return b"\0".join(word.encode() for word in shlex.split(self.line))


@dataclass(frozen=True)
class HarmlessFile:
    """A text file of a host without a secret."""

    path: str
    content: bytes


def half(name: str) -> Half:
    """The half a case belongs to: the path of a file or carrier, or a whole line without marks."""
    return "tuning" if hashlib.sha256(name.encode()).digest()[0] % 2 == 0 else "held out"


def files() -> tuple[SecretFile, ...]:
    """Return every file with secrets."""
    return tuple(SecretFile(path, *_unmarked(content)) for path, content in _tables("files"))


def commands() -> tuple[SecretLine, ...]:
    """Return every command line with secrets."""
    return tuple(_lines("commands.txt"))


def lines() -> tuple[SecretLine, ...]:
    """Return every line of a unit, crontab, mount table or repository list with secrets."""
    return tuple(_lines("lines.txt"))


def development() -> tuple[tuple[SecretFile, ...], tuple[SecretLine, ...], tuple[SecretLine, ...]]:
    """Return the files, the command lines and the lines of units, crontabs, mounts and repository lists of a third set,
    written later, in which classes of misses were sought.
    """
    files = tuple(SecretFile(path, *_unmarked(content)) for path, content in _tables("development"))
    return files, tuple(_lines("development/commands.txt")), tuple(_lines("development/lines.txt"))


def harmless_files() -> tuple[HarmlessFile, ...]:
    """Return every file that only looks as if it held a secret."""
    return tuple(HarmlessFile(path, content.encode()) for path, content in _tables("harmless"))


def harmless_lines() -> tuple[str, ...]:
    """Return every line that only looks as if it held a secret."""
    return _read("harmless/lines.txt")


def genuine(path: str) -> bool:
    """Whether a file of a Debian host is known to hold a real secret, so that keeping it out is right."""
    return any(fnmatch(path, pattern) for pattern in _read("genuine.txt") if not pattern.startswith("#"))


def remains(secret: bytes, content: bytes) -> bool:
    """Whether a secret, or one line of a longer one, can still be read in a text."""
    return any(part.strip(b" \t\\") in content for part in secret.split(b"\n"))


def _tables(folder: str) -> Iterator[tuple[str, str]]:
    for manifest in sorted((_HERE / folder).glob("*.toml")):
        for case in tomllib.loads(manifest.read_text(encoding="utf-8"))["file"]:
            yield case["path"], case["content"]


def _lines(name: str) -> Iterator[SecretLine]:
    for line in _read(name):
        content, secrets = _unmarked(line)
        yield SecretLine(content.decode(), secrets)


@cache
def _read(name: str) -> tuple[str, ...]:
    return tuple((_HERE / name).read_text(encoding="utf-8").splitlines()[1:])


def _unmarked(marked: str) -> tuple[bytes, tuple[bytes, ...]]:
    whole = marked.replace("¦", "")
    secrets = tuple(secret.encode() for secret in _SECRET.findall(whole))
    return _SECRET.sub(r"\1", whole).encode(), secrets
