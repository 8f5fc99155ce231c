"""Host text made safe for display.

Escaping keeps a string from becoming markup or a terminal command. It does not keep it from lying: a right-to-left
override turns ``gpj.exe`` around, a zero-width space hides in a name, an escape sequence recolours a terminal. Whatever
does not print is therefore shown as what it is.
"""

from __future__ import annotations

LONGEST = 2000
"""Characters of one string that a page or a terminal shows. The whole of it is in the export."""


def visible(text: str) -> str:
    r"""``text`` with every character that does not print written as an escape (``\x1b``, ``\n``, ``\u202e``).

    Python's idea of printable leaves out exactly what can hide or turn text around: controls, format characters (bidi
    overrides, zero-width characters), line and paragraph separators, odd spaces, private and unassigned characters, and
    the surrogates that stand for bytes which are not UTF-8.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def shown(text: str, longest: int = LONGEST) -> str:
    """:func:`visible`, cut at ``longest`` characters with a word on how much is missing."""
    if text.isprintable() and len(text) <= longest:
        return text
    if len(text) > longest:
        return f"{visible(text[:longest])}… ({len(text) - longest:,} more characters)"
    return visible(text)


def lines_of(text: str, most: int = 40) -> tuple[str, ...]:
    """The lines of a longer text, each :func:`shown`; the last says how many were left out."""
    lines = text.rstrip("\n").split("\n") if text else []
    kept = tuple(shown(line) for line in lines[:most])
    return kept if len(lines) <= most else (*kept, f"… ({len(lines) - most:,} more lines)")


def _escape(character: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character)
    if named:
        return named
    number = ord(character)
    if 0xDC80 <= number <= 0xDCFF:  # a byte that was not UTF-8 (surrogateescape)
        return f"\\x{number - 0xDC00:02x}"
    if number <= 0xFF:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
