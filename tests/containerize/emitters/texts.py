"""Texts that a host may send, for properties: no NUL, which no file name and no argument can hold."""

from __future__ import annotations

from hypothesis import strategies as st

_NASTY = st.sampled_from(list("\n\r\t\"'\\$%{}#&*!|>:,`<>[]-~= \x1b\x7f\x85\u2028\ufeff"))

TEXTS = st.text(st.one_of(_NASTY, st.characters(exclude_categories=["Cs"], exclude_characters="\0")), max_size=40)
"""Without halves of surrogate pairs: what is not UTF-8 becomes a question mark in all of these files."""

PRINTABLE = TEXTS.map(lambda text: "".join(char for char in text if char.isprintable() or char == "\t"))
"""What is left of commands and settings before an emitter sees them."""

EXAMPLES = (
    "$(X)",
    "${HOME}",
    "$$",
    "$",
    "%h",
    "%%",
    "a\nb",
    "'",
    '"',
    "yes",
    "1e3",
    "0x1F",
    "~",
    "- a",
    "a: b",
    "\\x41",
    "",
)
"""What has a meaning in some of these languages."""
