"""The search for secrets whose values are known, in the forms that programs write them in.

An automaton searches for the beginning of each form alone. Where one occurs, the form is read back and looked up among
the values, so that memory grows with the number of values and hardly with their lengths.
"""

from __future__ import annotations

import base64
import re
import urllib.parse
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from inventory.errors import BrownfieldError
from inventory.privacy.secrets.word_search import WordSearch

MOST = 50_000
"""Values of one workload that are looked for: a password file of a mail server holds tens of thousands."""

_BEGINNING = 8
"""Bytes of each form that the automaton searches for."""


class TooManySecrets(BrownfieldError):
    """More values than can be looked for. Nothing is searched then, since the one that matters could be left out."""


class KnownSecrets:
    """A set of values, of which empty ones do not count. Not shown in any form; ask :meth:`within`. Raises
    TooManySecrets.
    """

    def __init__(self, values: Iterable[bytes]) -> None:
        self._values = sorted({value for value in values if value})
        if len(self._values) > MOST:
            raise TooManySecrets(
                f"{len(self._values):,} secret values were found, and at most {MOST:,} can be searched for; move the "
                "accounts of users out of the files of the service, for example to a directory server"
            )
        self._shortest = tuple(_without_longer(self._values))
        self._longest = max(map(len, self._values), default=0)
        forms: dict[bytes, int] = {}
        for value in self._values:
            for number, form in enumerate(_FORMS):
                for beginning in form.beginnings(value):
                    forms[beginning] = forms.get(beginning, 0) | 1 << number
        self._forms = tuple(forms.values())
        self._search = WordSearch(forms) if forms else None

    def __repr__(self) -> str:
        return f"KnownSecrets({len(self._values)})"

    def __bool__(self) -> bool:
        return self._search is not None

    @property
    def searched(self) -> int:
        """Bytes of all that the automaton searches for."""
        return sum(map(len, self._search.words)) if self._search else 0

    @property
    def overlap(self) -> int:
        """The number of bytes of a piece that must be repeated before the next one, so that no form is cut in two."""
        return 3 * self._longest + _BEGINNING if self._search else 0

    def within(self, content: bytes) -> bool:
        """Whether one of them is in ``content``: plain, percent-encoded, in base64 or in UTF-16."""
        return any(True for _ in self._found(content))

    def replaced(self, text: str, by: str) -> str:
        """A text without them."""
        content = text.encode("utf-8", "surrogateescape")
        places = sorted(
            (start, form.end(content, start, _longest_beginning(self._values, read)))
            for start, form, read in self._found(content)
        )
        changed = bytearray()
        at = 0
        for start, end in places:
            if start >= at:
                changed += content[at:start] + by.encode()
            at = max(at, end)
        return (bytes(changed) + content[at:]).decode("utf-8", "surrogateescape")

    def _found(self, content: bytes) -> Iterator[tuple[int, _Form, bytes]]:
        """The places where forms of values start, and the text there."""
        for number, start, _ in self._search.hits(content) if self._search else ():
            for bit, form in enumerate(_FORMS):
                if self._forms[number] >> bit & 1:
                    read = form.read(content, start, self._longest)
                    if (nearest := _nearest(self._shortest, read)) and read.startswith(nearest):
                        yield start, form, read


def _nearest(values: Sequence[bytes], text: bytes) -> bytes:
    """The last of sorted values that sorts before ``text`` or is it, b"" where none does. What ``text`` begins with
    sorts before it, and what sorts between the two begins with it too.
    """
    place = bisect_right(values, text)
    return values[place - 1] if place else b""


def _without_longer(values: Iterable[bytes]) -> Iterator[bytes]:
    """Of sorted values those that begin with no other."""
    last = None
    for value in values:
        if last is None or not value.startswith(last):
            last = value
            yield value


def _longest_beginning(values: Sequence[bytes], text: bytes) -> int:
    """The length of the longest of sorted values that ``text`` begins with, 0 where it begins with none."""
    while not text.startswith(nearest := _nearest(values, text)):
        pairs = zip(nearest, text, strict=False)
        text = text[: next(at for at, (one, other) in enumerate(pairs) if one != other)]
    return len(nearest)


class _Form(Protocol):
    """One way to write a value."""

    def beginnings(self, value: bytes) -> Iterator[bytes]:
        """The beginnings of all writings of the value."""
        ...

    def read(self, content: bytes, at: int, most: int) -> bytes:
        """The value written from ``at`` on, at least ``most`` bytes where there are as many."""
        ...

    def end(self, content: bytes, at: int, size: int) -> int:
        """The end of the writing of its first ``size`` bytes."""
        ...


class _PlainForm:
    def beginnings(self, value: bytes) -> Iterator[bytes]:
        yield value[:_BEGINNING]

    def read(self, content: bytes, at: int, most: int) -> bytes:
        return content[at : at + most]

    def end(self, content: bytes, at: int, size: int) -> int:
        return at + size


@dataclass(frozen=True)
class _Percent:
    """``plus``: a plus is a blank, as in forms of the web."""

    plus: bool

    def beginnings(self, value: bytes) -> Iterator[bytes]:
        quoted = urllib.parse.quote_from_bytes(value, safe="").encode()
        if self.plus:
            quoted = quoted.replace(b"%20", b"+") if b" " in value else b""
        if quoted not in (value, b""):
            yield quoted[:_BEGINNING]

    def read(self, content: bytes, at: int, most: int) -> bytes:
        text = content[at : at + 3 * most]
        return urllib.parse.unquote_to_bytes(text.replace(b"+", b" ") if self.plus else text)

    def end(self, content: bytes, at: int, size: int) -> int:
        for _ in range(size):
            at += 3 if _ESCAPED.match(content, at) else 1
        return at


@dataclass(frozen=True)
class _Base64:
    """``before``: how many bytes of its group of three come before the value."""

    before: int

    def beginnings(self, value: bytes) -> Iterator[bytes]:
        # What its neighbours decide too is cut off; of a value of a byte or two nothing may be left.
        digits = base64.b64encode(b"\0" * self.before + value[: _BEGINNING + 3])
        size = self.before + min(len(value), _BEGINNING + 3)
        beginning = digits[_CUT[self.before] : 8 * size // 6][:_BEGINNING]
        if beginning:
            yield beginning
            yield beginning.translate(_URL_SAFE)

    def read(self, content: bytes, at: int, most: int) -> bytes:
        group = at - _CUT[self.before]
        run = _DIGITS.match(content, max(group, 0), group + 4 * (most + self.before) // 3 + 8)
        if group < 0 or run is None:
            return b""
        digits = run.group().translate(_STANDARD)
        digits = digits[:-1] if len(digits) % 4 == 1 else digits
        return base64.b64decode(digits + b"=" * (-len(digits) % 4))[self.before :]

    def end(self, content: bytes, at: int, size: int) -> int:
        return at - _CUT[self.before] + 8 * (self.before + size) // 6


@dataclass(frozen=True)
class _Wide:
    """UTF-16; ``high`` is where the byte of a character is that is 0."""

    high: int

    def beginnings(self, value: bytes) -> Iterator[bytes]:
        pair = "utf-16-le" if self.high else "utf-16-be"
        yield value[: _BEGINNING // 2].decode("latin-1").encode(pair)

    def read(self, content: bytes, at: int, most: int) -> bytes:
        text = content[at : at + 2 * most]
        zeros = text[self.high :: 2]
        return text[1 - self.high :: 2][: len(zeros) - len(zeros.lstrip(b"\0"))]

    def end(self, content: bytes, at: int, size: int) -> int:
        return at + 2 * size


_FORMS: tuple[_Form, ...] = (
    _PlainForm(),
    _Percent(plus=False),
    _Percent(plus=True),
    *(_Base64(before) for before in range(3)),
    _Wide(high=1),
    _Wide(high=0),
)
_CUT = (0, 2, 3)
"""Digits of its group of four that come before those that the value decides alone."""
_ESCAPED = re.compile(rb"%[0-9A-Fa-f]{2}")
_DIGITS = re.compile(rb"[A-Za-z0-9+/_-]++")
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")
