"""Facts whose fields are decoded one by one, each when it is first looked at.

A section like services or kernel is one value with long lists, of which most who look need one or none.
"""

from __future__ import annotations

import dataclasses
import typing
from functools import lru_cache
from typing import Any

import msgspec

from inventory.errors import WorkspaceError

_parts = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])


class _InParts:
    """A value of a class of facts (a frozen dataclass) that is equal to the whole one, and is like it in all ways."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        # Python asks this for what the instance does not have (yet).
        decoder = self._decoders.get(name)
        if decoder is None:
            raise AttributeError(name)
        try:
            value = decoder.decode(self._undecoded[name])
        except (KeyError, msgspec.DecodeError) as error:
            kind = type(self).__name__
            raise WorkspaceError(f"what is kept of a host's {kind} is damaged; run: assess reparse") from error
        object.__setattr__(self, name, value)
        return value

    def __eq__(self, other: object) -> bool:
        plain: object = self._kind(*self._values())
        return plain == (self._kind(*other._values()) if isinstance(other, _InParts) else other)

    def __hash__(self) -> int:
        return hash(self._kind(*self._values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return (self._kind, self._values())

    def _values(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self._decoders)

    # Of the classes that are made of it:
    _kind: typing.ClassVar[Any]
    _decoders: typing.ClassVar[dict[str, msgspec.msgpack.Decoder[Any]]]
    _undecoded: dict[str, msgspec.Raw]


def in_parts(kind: type, facts: bytes | memoryview) -> Any:
    """The value of a dataclass that ``facts`` is the MessagePack of; raises msgspec.DecodeError when it is no map."""
    value = object.__new__(_class(kind))
    object.__setattr__(value, "_undecoded", _parts.decode(facts))
    return value


@lru_cache(maxsize=256)
def _class(kind: type) -> Any:
    hints = typing.get_type_hints(kind)
    decoders = {each.name: msgspec.msgpack.Decoder(hints[each.name]) for each in dataclasses.fields(kind)}
    body = {
        "__slots__": ("_undecoded",),
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "_kind": kind,
        "_decoders": decoders,
    }
    return type(kind.__name__, (_InParts, kind), body)
