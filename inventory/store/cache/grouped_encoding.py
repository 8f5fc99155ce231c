"""Lists of facts of which a few are looked up by a key: consecutive facts with one key are stored together.

A host has some hundred files of configuration and some hundred packages, and its services use few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Generic, TypeVar

import msgspec

from inventory.errors import WorkspaceError

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()
_runs = msgspec.msgpack.Decoder(tuple[tuple[str, bytes], ...])


def encode_grouped(facts: Iterable[T], key: Callable[[T], str]) -> bytes:
    """The facts in their order; raises what msgspec raises for text and numbers that cannot be written."""
    return _encoder.encode([(name, _encoder.encode(list(run))) for name, run in groupby(facts, key)])


def decode_grouped(facts: bytes | memoryview, decoder: msgspec.msgpack.Decoder[tuple[T, ...]]) -> tuple[T, ...]:
    """All facts in their order; raises msgspec.DecodeError and UnicodeDecodeError."""
    return tuple(chain.from_iterable(decoder.decode(run) for _, run in _runs.decode(facts)))


class FactsByKey(Mapping[str, Sequence[T]], Generic[T]):
    """The facts of each key, in the order of the first of each, decoded when they are asked for. Raises what
    :func:`read` raises, and WorkspaceError when those of a key are damaged.
    """

    def __init__(self, facts: bytes | memoryview, decoder: msgspec.msgpack.Decoder[tuple[T, ...]]) -> None:
        self._decoder = decoder
        self._undecoded: dict[str, list[bytes]] = {}
        for name, run in _runs.decode(facts):
            self._undecoded.setdefault(name, []).append(run)
        self._decoded: dict[str, tuple[T, ...]] = {}

    def __getitem__(self, name: str) -> tuple[T, ...]:
        known = self._decoded.get(name)
        if known is None:
            undecoded = self._undecoded[name]
            try:
                known = self._decoded[name] = tuple(chain.from_iterable(map(self._decoder.decode, undecoded)))
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise WorkspaceError("the stored facts of a host are damaged; run: assess reparse") from error
        return known

    def __contains__(self, name: object) -> bool:
        return name in self._undecoded

    def __iter__(self) -> Iterator[str]:
        return iter(self._undecoded)

    def __len__(self) -> int:
        return len(self._undecoded)
