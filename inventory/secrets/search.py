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

    def hits(self, text: bytes) -> Iterator[tuple[int, int]]:
        """(number of the word, where it begins), in the order of their ends."""
        search = self._automaton.find_matches_as_indexes
        if len(text) <= PIECE:
            for number, at, _ in search(text, overlapping=True):
                yield number, at
            return
        for begin in range(0, len(text), PIECE):
            before = max(0, begin - self._overlap)
            for number, at, end in search(text[before : begin + PIECE], overlapping=True):
                if before + end > begin:
                    yield number, before + at
