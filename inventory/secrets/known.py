"""Looking for secrets whose values are known, in the forms that programs write them in."""

from __future__ import annotations

import base64
import re
import urllib.parse
from collections.abc import Iterable, Iterator

from inventory.errors import BrownfieldError
from inventory.secrets.search import WordSearch, replace_words

MOST = 50_000
"""Values of one workload that are looked for: a password file of a mail server holds tens of thousands."""

_NOTHING = re.compile(rb"(?!)")


class TooManySecrets(BrownfieldError):
    """More values than can be looked for. Nothing is searched then, since the one that matters could be left out."""


class KnownSecrets:
    """A set of values. Not shown in any form; ask :meth:`within`. Raises TooManySecrets."""

    def __init__(self, values: Iterable[bytes]) -> None:
        self._values = tuple(sorted(set(values), key=lambda value: (-len(value), value)))
        if len(self._values) > MOST:
            raise TooManySecrets(
                f"{len(self._values):,} secret values were found, and at most {MOST:,} can be searched for; move the "
                "accounts of users out of the files of the service, for example to a directory server"
            )
        forms = sorted({form for value in self._values for form in _forms(value)})
        self._search = WordSearch(forms) if forms else None

    def __repr__(self) -> str:
        return f"KnownSecrets({len(self._values)})"

    def __bool__(self) -> bool:
        return self._search is not None

    @property
    def values(self) -> tuple[bytes, ...]:
        """The values, the longest first."""
        return self._values

    @property
    def overlap(self) -> int:
        """How many bytes of a piece must come again before the next one, so that none is cut in two."""
        return max((len(word) for word in self._search.words), default=1) - 1 if self._search else 0

    def within(self, content: bytes) -> bool:
        """Whether one of them is in ``content``: plain, percent-encoded, in base64 or in UTF-16."""
        return self._search is not None and any(True for _ in self._search.hits(content))

    def replaced(self, text: str, by: str) -> str:
        """A text without them."""
        if self._search is None:
            return text
        content = text.encode("utf-8", "surrogateescape")
        seen = {self._search.words[number] for number, _, _ in self._search.hits(content)}
        if not seen:
            return text
        changed = replace_words(content, sorted(seen), lambda _: by.encode(), _NOTHING)
        return changed.decode("utf-8", "surrogateescape")


def _forms(value: bytes) -> Iterator[bytes]:
    yield value
    yield urllib.parse.quote_from_bytes(value, safe="").encode()
    yield urllib.parse.quote_plus(value).encode()
    for before in range(3):
        # Where it begins within three bytes changes the digits; what neighbours decide too is cut off.
        digits = base64.b64encode(b"\0" * before + value)
        begin = (0, 2, 3)[before]
        end = len(digits) - (0, 3, 2)[(before + len(value)) % 3]
        yield digits[begin:end]
        yield digits[begin:end].translate(_URL_SAFE)
    text = value.decode("latin-1")
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")


_URL_SAFE = bytes.maketrans(b"+/", b"-_")
