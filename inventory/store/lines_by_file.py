"""The lines of configuration as they are kept: each file by itself, so that only those of interest are decoded.

A host has some hundred files of which its services read a few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby

import msgspec

from inventory.errors import WorkspaceError
from inventory.model.configuration import ConfigLine

_Run = tuple[str, bytes]
"""Lines that follow each other in one file, as MessagePack."""

_encoder = msgspec.msgpack.Encoder()
_runs = msgspec.msgpack.Decoder(tuple[_Run, ...])
_lines = msgspec.msgpack.Decoder(tuple[ConfigLine, ...])


def written(lines: Iterable[ConfigLine]) -> bytes:
    """The lines; raises what msgspec raises for text that cannot be written."""
    files = groupby(lines, lambda line: line.path)
    return _encoder.encode([(path, _encoder.encode(list(of_file))) for path, of_file in files])


def read(facts: bytes | memoryview) -> tuple[ConfigLine, ...]:
    """All lines in their order; raises msgspec.DecodeError and UnicodeDecodeError."""
    return tuple(chain.from_iterable(_lines.decode(run) for _, run in _runs.decode(facts)))


class LinesByFile(Mapping[str, Sequence[ConfigLine]]):
    """The lines of each file by its path, decoded when they are first asked for. ``facts`` are what was written; raises
    what :func:`read` raises, and WorkspaceError for lines that are damaged.
    """

    def __init__(self, facts: bytes | memoryview) -> None:
        self._undecoded: dict[str, list[bytes]] = {}
        for path, run in _runs.decode(facts):
            self._undecoded.setdefault(path, []).append(run)
        self._decoded: dict[str, tuple[ConfigLine, ...]] = {}

    def __getitem__(self, path: str) -> tuple[ConfigLine, ...]:
        known = self._decoded.get(path)
        if known is None:
            runs = self._undecoded[path]
            try:
                known = self._decoded[path] = tuple(chain.from_iterable(map(_lines.decode, runs)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise WorkspaceError(
                    "what is kept of a host's configuration is damaged; run: assess reparse"
                ) from error
        return known

    def __contains__(self, path: object) -> bool:
        return path in self._undecoded

    def __iter__(self) -> Iterator[str]:
        return iter(self._undecoded)

    def __len__(self) -> int:
        return len(self._undecoded)
