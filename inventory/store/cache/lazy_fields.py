"""Facts whose fields are packed and decoded one by one, each at the first access.

A section like services or kernel is one value with long lists, of which most readers need one or none.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

import msgspec
import zstandard

from inventory.errors import WorkspaceError
from inventory.model.configuration import ConfigLine, Configuration
from inventory.model.packages import Package, Packages
from inventory.store.cache import grouped_encoding
from inventory.store.cache.grouped_encoding import FactsByKey

T = typing.TypeVar("T")

_MOST = 1 << 30
_SMALL = 1024  # bytes of a field under which packing costs more than it saves

_KEYS: tuple[tuple[type, str, str], ...] = (
    (Configuration, "lines", "path"),
    (Packages, "packages", "name"),
)
"""Long lists in which facts are looked up by a key: of which class, which field, and the key of a fact."""

_DAMAGED = (KeyError, zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError)

_encoder = msgspec.msgpack.Encoder()
_lines = msgspec.msgpack.Decoder(tuple[ConfigLine, ...])
_packages = msgspec.msgpack.Decoder(tuple[Package, ...])


class LazyField(msgspec.Struct, array_like=True, frozen=True):
    """A field as MessagePack, compressed if it is ``packed``. Read, ``facts`` is a view into the whole."""

    name: str
    facts: memoryview
    packed: bool


def encode_fields(value: Any, pack: Callable[[bytes], bytes]) -> tuple[LazyField, ...]:
    """The fields of a dataclass; raises what msgspec raises for text and numbers that cannot be written."""
    return tuple(_part(each.name, _written(value, each.name), pack) for each in dataclasses.fields(value))


def _written(value: Any, name: str) -> bytes:
    field = getattr(value, name)
    key = next((key for kind, of, key in _KEYS if isinstance(value, kind) and of == name), None)
    return _encoder.encode(field) if key is None else grouped_encoding.encode_grouped(field, attrgetter(key))


def _part(name: str, facts: bytes, pack: Callable[[bytes], bytes]) -> LazyField:
    packed = len(facts) >= _SMALL
    return LazyField(name, memoryview(pack(facts) if packed else facts), packed)


class _LazyFacts:
    """A value of a class of facts (a frozen dataclass) that is equal to the whole one, and is like it in all ways."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        # Python asks this for what the instance does not have (yet).
        decoder = self._decoders.get(name)
        if decoder is None:
            raise AttributeError(name)
        try:
            value = decoder(self._facts(name))
        except _DAMAGED as error:
            raise self._damaged() from error
        object.__setattr__(self, name, value)
        return value

    def _facts(self, name: str) -> bytes | memoryview:
        part = self._undecoded[name]
        return self._unpacker.decompress(part.facts, max_output_size=_MOST) if part.packed else part.facts

    def _damaged(self) -> WorkspaceError:
        return WorkspaceError(f"the stored {self._kind.__name__} of a host is damaged; run: assess reparse")

    def _by_key(self, name: str, decoder: msgspec.msgpack.Decoder[tuple[T, ...]]) -> FactsByKey[T]:
        try:
            return FactsByKey(self._facts(name), decoder)
        except _DAMAGED as error:
            raise self._damaged() from error

    def __eq__(self, other: object) -> bool:
        plain: object = self._kind(*self._values())
        return plain == (self._kind(*other._values()) if isinstance(other, _LazyFacts) else other)

    def __hash__(self) -> int:
        return hash(self._kind(*self._values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (self._kind, self._values())

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._decoders)

    # Of the classes that are made of it:
    _kind: typing.ClassVar[Any]
    _decoders: typing.ClassVar[dict[str, Callable[[bytes | memoryview], Any]]]
    _undecoded: Mapping[str, LazyField]
    _unpacker: zstandard.ZstdDecompressor


class _LazyConfiguration(_LazyFacts):
    """Lines are decoded file by file."""

    __slots__ = ()

    @property
    def by_path(self) -> Mapping[str, Sequence[ConfigLine]]:
        """See :class:`inventory.model.configuration.Configuration`."""
        return self._by_key("lines", _lines)


class _LazyPackages(_LazyFacts):
    """Packages are decoded name by name."""

    __slots__ = ()

    @property
    def by_name(self) -> Mapping[str, Sequence[Package]]:
        """See :class:`inventory.model.packages.Packages`."""
        return self._by_key("packages", _packages)


_BASES: dict[type, type[_LazyFacts]] = {Configuration: _LazyConfiguration, Packages: _LazyPackages}


def decode_lazily(kind: type, parts: tuple[LazyField, ...], unpacker: zstandard.ZstdDecompressor) -> Any:
    """The value of a dataclass with these fields."""
    value = object.__new__(_class(kind))
    object.__setattr__(value, "_undecoded", {each.name: each for each in parts})
    object.__setattr__(value, "_unpacker", unpacker)
    return value


@lru_cache(maxsize=256)
def _class(kind: type) -> Any:
    hints = typing.get_type_hints(kind)
    decoders: dict[str, Callable[[bytes | memoryview], Any]] = {
        each.name: msgspec.msgpack.Decoder(hints[each.name]).decode for each in dataclasses.fields(kind)
    }
    for of, name, _ in _KEYS:
        if kind is of:
            decoders[name] = partial(grouped_encoding.decode_grouped, decoder=msgspec.msgpack.Decoder(hints[name]))
    body = {
        "__slots__": ("_undecoded", "_unpacker"),
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "_kind": kind,
        "_decoders": decoders,
    }
    return type(kind.__name__, (_BASES.get(kind, _LazyFacts), kind), body)
