"""The search for many words at once: one pass over a text for all of them (Aho-Corasick)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

_FAST = 1 << 17
PIECE = 256 << 10
"""Bytes that are searched at a time: a text made of the words alone gives a hit for every other byte."""


class WordSearch:
    """Finds words wherever they occur, also within and across each other."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self.words = tuple(words)
        # The fastest automaton takes 1 KB for each byte of the words.
        fast = sum(map(len, self.words)) < _FAST
        self._automaton = BytesAhoCorasick(
            self.words, implementation=Implementation.DFA if fast else Implementation.ContiguousNFA
        )
        self._overlap = max(len(word) for word in self.words) - 1

    def hits(self, text: bytes) -> Iterable[tuple[int, int, int]]:
        """(number of the word, where it begins, where it ends), in the order of their ends."""
        if len(text) <= PIECE:
            return self._automaton.find_matches_as_indexes(text, overlapping=True)
        return self._piece_by_piece(text)

    def any_in(self, text: bytes) -> bool:
        """Whether one of the words occurs."""
        return bool(self._automaton.find_matches_as_indexes(text))

    def _piece_by_piece(self, text: bytes) -> Iterator[tuple[int, int, int]]:
        for begin in range(0, len(text), PIECE):
            before = max(0, begin - self._overlap)
            piece = text[before : begin + PIECE]
            for number, at, end in self._automaton.find_matches_as_indexes(piece, overlapping=True):
                if before + end > begin:
                    yield number, before + at, before + end


def replace_words(
    text: bytes, words: Sequence[bytes], change: Callable[[bytes], bytes], leave: re.Pattern[bytes]
) -> bytes:
    """``text`` with each occurrence of one of ``words`` changed, the longest first, but not within a match of
    ``leave``. The time is that of the text and the words once, however many words there are.
    """
    automaton = BytesAhoCorasick(words, matchkind=MatchKind.LeftmostLongest)

    def changed(stretch: bytes) -> Iterator[bytes]:
        at = 0
        for _, start, end in automaton.find_matches_as_indexes(stretch):
            yield stretch[at:start]
            yield change(stretch[start:end])
            at = end
        yield stretch[at:]

    pieces: list[bytes] = []
    at = 0
    for left in leave.finditer(text):
        pieces += [*changed(text[at : left.start()]), left.group()]
        at = left.end()
    return b"".join([*pieces, *changed(text[at:])])
