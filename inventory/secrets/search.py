"""Looking for many words at once: one pass over a text for all of them (Aho-Corasick)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ahocorasick_rs import BytesAhoCorasick, Implementation

PIECE = 256 << 10
"""So many bytes are searched at a time: a text made of the words alone gives a hit for every other byte."""


class WordSearch:
    """Finds words wherever they occur, also within and across each other."""

    def __init__(self, words: Iterable[bytes]) -> None:
        self.words = tuple(words)
        self._automaton = BytesAhoCorasick(self.words, implementation=Implementation.DFA)
        self._overlap = max(len(word) for word in self.words) - 1

    def hits(self, text: bytes) -> Iterable[tuple[int, int, int]]:
        """(number of the word, where it begins, where it ends), in the order of their ends."""
        if len(text) <= PIECE:
            return self._automaton.find_matches_as_indexes(text, overlapping=True)
        return self._piece_by_piece(text)

    def _piece_by_piece(self, text: bytes) -> Iterator[tuple[int, int, int]]:
        for begin in range(0, len(text), PIECE):
            before = max(0, begin - self._overlap)
            piece = text[before : begin + PIECE]
            for number, at, end in self._automaton.find_matches_as_indexes(piece, overlapping=True):
                if before + end > begin:
                    yield number, before + at, before + end
