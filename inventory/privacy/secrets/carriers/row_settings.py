"""From the columns of a row to lines of settings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inventory.privacy.secrets.secret_names import SECRET_WORDS, is_secret
from inventory.privacy.secrets.values import is_token
from inventory.privacy.secrets.word_search import WordSearch

_NAME = re.compile(rb"[A-Za-z][\w.-]{1,63}")
_WORDS = WordSearch(SECRET_WORDS)
_LONGEST = 64 << 10


_SET = re.compile(rb"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])\S{8,}")


def promises(content: bytes) -> bool:
    """Whether a program holds a word that is in every name of a secret. Most do not, and this is quicker to see."""
    return any(True for _ in _WORDS.hits(content.lower()))


def looks_set(value: bytes) -> bool:
    """Whether a constant next to the name of a secret is likely to be its value."""
    return _SET.fullmatch(value) is not None


def settings(names: Sequence[bytes], values: Sequence[bytes | None]) -> Iterator[bytes]:
    """``column = value`` where the column's name is that of a secret, and ``value = next value`` for tables of names
    and values; each text by itself too, since it may be a document.
    """
    previous: bytes | None = None
    for at, value in enumerate(values):
        if value is None:
            continue
        text = value[:_LONGEST]
        line = text.replace(b"\n", b" ").strip()
        if line:
            if at < len(names) and is_secret(names[at]):
                yield names[at] + b" = " + line
            if previous is not None and is_secret(previous) and not is_token(line):
                yield previous + b" = " + line
            yield text
        previous = line if _NAME.fullmatch(line) else None
