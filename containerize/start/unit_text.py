"""The text of unit files (systemd.syntax(7)) and of environment files (systemd.exec(5)). All of it is linear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from inventory.errors import BrownfieldError

_ESCAPES = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "s": " ",
    "\\": "\\",
    '"': '"',
    "'": "'",
}
_NUMBERED = {"x": (2, 16), "u": (4, 16), "U": (8, 16)}
_OCTAL = "01234567"


@dataclass(frozen=True)
class UnitText:
    """The settings of a unit file and its drop-ins, by section and name, with the resets applied."""

    values: Mapping[tuple[str, str], tuple[str, ...]] = field(repr=False)

    def all(self, name: str, section: str = "Service") -> tuple[str, ...]:
        """All values of a setting, in their order."""
        return self.values.get((section, name), ())

    def last(self, name: str, section: str = "Service") -> str:
        """The value that counts where only one does; "" where it is not set."""
        return (self.all(name, section) or ("",))[-1]

    def enabled(self, name: str, section: str = "Service") -> bool:
        """Whether a boolean is true."""
        return self.last(name, section).lower() in ("1", "yes", "y", "true", "t", "on")


def read_unit(texts: Iterable[str]) -> UnitText:
    """Read a unit file and its drop-ins, in the order in which systemd does. An empty value resets the list."""
    values: dict[tuple[str, str], list[str]] = {}
    for text in texts:
        section = ""
        for line in _logical_lines(text):
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
                continue
            name, equals, value = line.partition("=")
            if equals:
                row = values.setdefault((section, name.rstrip()), [])
                if value.strip():
                    row.append(value.strip())
                else:
                    row.clear()
    return UnitText({key: tuple(row) for key, row in values.items()})


def _logical_lines(text: str) -> Iterable[str]:
    """Lines without comments; one that ends with a backslash continues, past comments."""
    pieces: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip()
        if line[:1] in ("#", ";"):
            continue
        if line.endswith("\\"):
            pieces.append(line[:-1])
            continue
        pieces.append(line)
        yield " ".join(pieces).strip()
        pieces = []
    if pieces:
        yield " ".join(pieces).strip()


def split_words(text: str) -> list[str]:
    """Words of a value: quotes and escapes of C are resolved; an unknown escape stays as it is. A quote that is not
    closed ends with the text.
    """
    words: list[str] = []
    word: list[str] | None = None
    quote = ""
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and at + 1 < len(text):
            piece, at = _escape(text, at + 1)
            word = [*(word or ()), piece] if word is None else _extended(word, piece)
            continue
        if quote:
            if char == quote:
                quote = ""
            else:
                word = _extended(word, char)
        elif char in "\"'":
            quote = char
            word = word if word is not None else []
        elif char.isspace():
            if word is not None:
                words.append("".join(word))
                word = None
        else:
            word = _extended(word, char)
        at += 1
    if word is not None:
        words.append("".join(word))
    return words


def _extended(word: list[str] | None, piece: str) -> list[str]:
    if word is None:
        return [piece]
    word.append(piece)
    return word


def _escape(text: str, at: int) -> tuple[str, int]:
    """(what the escape at ``at``, behind the backslash, stands for, the place behind it)."""
    char = text[at]
    if char in _ESCAPES:
        return _ESCAPES[char], at + 1
    if char in _NUMBERED:
        length, base = _NUMBERED[char]
        digits = text[at + 1 : at + 1 + length]
        if len(digits) == length and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            number = int(digits, base)
            if 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF:
                return chr(number), at + 1 + length
    digits = text[at : at + 3]
    if len(digits) == 3 and all(digit in _OCTAL for digit in digits) and 0 < int(digits, 8) < 256:
        return chr(int(digits, 8)), at + 3
    return f"\\{char}", at + 1


def read_environment_file(text: str) -> dict[str, str]:
    """Variables of an environment file: not a shell's, so ``export`` and ``$`` mean nothing."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at:end]
        name, equals, _ = line.partition("=")
        name = name.strip()
        if line.lstrip()[:1] in ("#", ";") or not equals or not _is_name(name):
            at = end + 1
            continue
        value, at = _file_value(text, at + line.index("=") + 1)
        found[name] = value
    return found


def _is_name(name: str) -> bool:
    return name.isascii() and name.isidentifier()


def _file_value(text: str, at: int) -> tuple[str, int]:
    """(the value that begins at ``at``, the place behind its line)."""
    value: list[str] = []
    kept = 0  # what must not be stripped at the end
    quote = ""
    while at < len(text) and text[at] in " \t":
        at += 1
    while at < len(text):
        char = text[at]
        if quote == "'" and char != "'":
            value.append(char)
        elif char == "\\" and at + 1 < len(text):
            at += 1
            if text[at] != "\n":
                value.append(text[at] if not quote or text[at] in '"\\`$' else f"\\{text[at]}")
            kept = len(value)
        elif quote:
            if char == quote:
                quote, kept = "", len(value)
            else:
                value.append(char)
        elif char in "\"'" and (not value or kept == len(value)):
            quote = char
        elif char == "\n":
            at += 1
            break
        else:
            value.append(char)
        at += 1
    while len(value) > kept and value[-1].isspace():
        value.pop()
    return "".join(value), at


MOST_FILLED = 1 << 20
"""Characters that are filled in for one unit: the settings of the supervisor hold no more."""


class UnitTooLong(BrownfieldError):
    """The values of a unit become longer than any service needs."""


class Fillings(Mapping[str, str]):
    """The values of specifiers or variables of one unit. Each use counts: a short text can name a long value often.
    Raises UnitTooLong.
    """

    def __init__(self, unit: str, values: Mapping[str, str]) -> None:
        self._unit = unit
        self._values = values
        self._left = MOST_FILLED

    def __getitem__(self, name: str) -> str:
        value = self._values[name]
        self._left -= len(value)
        if self._left < 0:
            raise UnitTooLong(
                f"the unit {self._unit} becomes longer than {MOST_FILLED} characters with its variables filled in; "
                "shorten it on the host"
            )
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def expand_specifiers(text: str, specifiers: Mapping[str, str]) -> str:
    """``%i`` and the like filled in; one that is not known stays."""
    if "%" not in text:
        return text
    pieces: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "%" and at + 1 < len(text):
            known = "%" if text[at + 1] == "%" else specifiers.get(text[at + 1])
            pieces.append(text[at : at + 2] if known is None else known)
            at += 2
        else:
            pieces.append(text[at])
            at += 1
    return "".join(pieces)


def expand_arguments(words: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """Variables of a command line filled in as systemd does: ``${NAME}`` anywhere and as it is, ``$NAME`` as a word
    alone and split at blanks; ``$$`` is a dollar sign. One that is not set is empty.
    """
    found: list[str] = []
    for word in words:
        if word[:1] == "$" and word[1:2] not in ("", "$", "{"):
            found += split_words(environment.get(word[1:], ""))
        else:
            found.append(_filled(word, environment))
    return found


def _filled(word: str, environment: Mapping[str, str]) -> str:
    if "$" not in word:
        return word
    pieces: list[str] = []
    at = 0
    last_brace = word.rfind("}")
    while at < len(word):
        if word.startswith("$$", at):
            pieces.append("$")
            at += 2
        elif word.startswith("${", at) and at < last_brace:
            end = word.index("}", at)
            pieces.append(environment.get(word[at + 2 : end], ""))
            at = end + 1
        else:
            pieces.append(word[at])
            at += 1
    return "".join(pieces)


_UNITS = {
    "": 1.0, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "us": 1e-6, "usec": 1e-6,
    "m": 60.0, "min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hr": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0,
}  # fmt: skip


def seconds(text: str) -> int | None:
    """A time span (systemd.time(7)) in whole seconds, rounded up; 0 for ``infinity``, None for none."""
    if text.strip() == "infinity":
        return 0
    total = 0.0
    number = unit = ""
    rows: list[tuple[str, str]] = []
    for char in text + " ":
        if char.isascii() and (char.isdigit() or char == "."):
            if unit:
                rows.append((number, unit))
                number = unit = ""
            number += char
        elif not char.isspace():
            unit += char
        elif unit:
            rows.append((number, unit))
            number = unit = ""
    if number:
        rows.append((number, unit))
    for count, name in rows:
        if name not in _UNITS or len(count) > 12:
            return None
        try:
            total += float(count) * _UNITS[name]
        except ValueError:
            return None
    return -int(-total // 1) if rows else None
