"""Host text quoted for the shell lines of a Containerfile.

A ``RUN`` line is read twice: by the builder, which joins lines that end with a backslash, drops comments and takes
``<<WORD`` for a here-document, and by the shell. What any of them could take for something else is written with the
octal escapes of printf.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from containerize.emitters.emission import comment

_PLAIN = re.compile(r"[A-Za-z0-9@%+:,./_][A-Za-z0-9@%+=:,./_-]*", re.ASCII)

LONGEST = 60_000
"""Bytes of a RUN line: Linux gives one argument 128 KiB, and the shell gets the line as one."""


class Unwritable(ValueError):
    """A word that no line of a Containerfile can hold."""


def word(text: str) -> str:
    """``text`` as one word of the shell. Raises Unwritable for one with a zero byte or with a newline at its end."""
    if "\0" in text or text.endswith("\n"):
        raise Unwritable("no shell line holds such a word")
    if _PLAIN.fullmatch(text):
        return text
    if text.isprintable() and "<<" not in text:
        return shlex.quote(text)
    return f"\"$(printf '{''.join(_escaped(each) for each in text.encode('utf-8', 'surrogateescape'))}')\""


def _escaped(byte: int) -> str:
    char = chr(byte)
    return char if byte < 128 and (char.isalnum() or char in "/._+:,@ ") else f"\\{byte:03o}"


def path_word(path: str) -> str:
    """A path as a word that is not an option. Raises Unwritable."""
    if not path.startswith("/"):
        raise Unwritable("not an absolute path")
    return word(path)


def remark(text: str) -> str:
    """A comment line. It never ends with a backslash, which would go on in the next line."""
    return f"# {comment(text)}".rstrip("\\ ")


def runs(steps: Iterable[Sequence[str]]) -> Iterator[list[str]]:
    """``RUN`` instructions of these steps, as few as fit. The last line of a step is its command, those before it are
    comments; every command must succeed.
    """
    block: list[Sequence[str]] = []
    size = 0
    for step in steps:
        length = len(step[-1].encode("utf-8", "surrogateescape")) + 16
        if block and size + length > LONGEST:
            yield _run(block)
            block, size = [], 0
        block.append(step)
        size += length
    if block:
        yield _run(block)


def _run(steps: Sequence[Sequence[str]]) -> list[str]:
    lines = ["RUN set -e; \\"]
    for number, step in enumerate(steps):
        lines += step[:-1]
        lines.append(f"    {step[-1]}" + ("" if number == len(steps) - 1 else "; \\"))
    return lines


def gathered(command: str, words: Iterable[str], most: int = 8000) -> Iterator[str]:
    """``command`` with as many words each time as make a line that people still read."""
    line = command
    for each in words:
        if line != command and len(line) + len(each) > most:
            yield line
            line = command
        line += f" {each}"
    if line != command:
        yield line
