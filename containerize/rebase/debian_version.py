"""The order of Debian package versions (deb-version(7))."""

from __future__ import annotations

import re

_PIECES = re.compile(r"(\D*)(\d*)")


def compare(left: str, right: str) -> int:
    """Negative when ``left`` is older than ``right``, 0 when they are the same, positive when it is newer."""
    (left_epoch, left_upstream, left_revision), (right_epoch, right_upstream, right_revision) = map(
        _parts, (left, right)
    )
    return (
        left_epoch - right_epoch
        or _compare_part(left_upstream, right_upstream)
        or _compare_part(left_revision, right_revision)
    )


def _parts(version: str) -> tuple[int, str, str]:
    epoch, colon, rest = version.strip().partition(":")
    if not colon or not epoch.isascii() or not epoch.isdigit():
        epoch, rest = "0", version.strip()
    upstream, dash, revision = rest.rpartition("-")
    return int(epoch), upstream if dash else rest, revision if dash else ""


def _compare_part(left: str, right: str) -> int:
    """Words and numbers by turns, each as far as both reach."""
    pieces = zip(*(_padded(each, max(len(left), len(right)) + 1) for each in (left, right)), strict=True)
    for (left_word, left_number), (right_word, right_number) in pieces:
        if order := _compare_word(left_word, right_word):
            return order
        if order := int(left_number or "0") - int(right_number or "0"):
            return order
    return 0


def _padded(text: str, count: int) -> list[tuple[str, str]]:
    pieces = [(match[1], match[2]) for match in _PIECES.finditer(text) if match[0]]
    return pieces + [("", "")] * (count - len(pieces))


def _compare_word(left: str, right: str) -> int:
    """A tilde is before the end, the end before letters, and letters before everything else."""
    for at in range(max(len(left), len(right))):
        order = _weight(left[at : at + 1]) - _weight(right[at : at + 1])
        if order:
            return order
    return 0


def _weight(character: str) -> int:
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 0x110000
