"""Tokens of a text, and the shape of a token.

A page that shows a clock, a counter or a request id differs each time. Noise is learned for a token, not for the line
or the page that it stands in, so that the number of orders next to the clock is still compared.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]", re.UNICODE)
_HEX = re.compile(r"[0-9a-fA-F]{16,}\Z")
_DIGITS = re.compile(r"\d+")

_OPAQUE_LENGTH = 12
"""A word with digits and letters of this length or more is an identifier for machines."""


def tokens(text: str) -> tuple[str, ...]:
    """The words, gaps and marks of a text; joined they give it back."""
    return tuple(_TOKEN.findall(text))


def shape(text: str) -> str:
    """The shape of a token without noise: digits become 9, long hexadecimal numbers H, other opaque words T.

    >>> shape("visit 1041")
    'visit 9'
    """
    return "".join(_shape_of(token) for token in tokens(text))


def _shape_of(token: str) -> str:
    if _HEX.match(token):
        return "H"
    if len(token) >= _OPAQUE_LENGTH and any(each.isdigit() for each in token) and any(each.isalpha() for each in token):
        return "T"
    return _DIGITS.sub("9", token)
