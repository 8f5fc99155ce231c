"""Parsed facts of a host as bytes and back: MessagePack by the types of the facts, under zstd.

Decoding creates nothing but values of these types. Each section is unpacked and decoded at the first access to its
value: whether it was answered, and its gaps, is known before. A section that cannot be written (text with bytes that
are not UTF-8) is left out, and is parsed from the recording at the first access.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal

import msgspec
import zstandard

import inventory
from inventory.errors import WorkspaceError
from inventory.fact_types import fact_type
from inventory.observation import Absent, Found, Gap, Observation, Unknown
from inventory.snapshot import Status
from inventory.store.cache.lazy_fields import LazyField, decode_lazily, encode_fields

_MOST = 1 << 30
_SMALL = 1024  # bytes of a section under which packing costs more than it saves
_LARGE = 8192  # bytes from which a section is packed and decoded field by field

Parse = Callable[[str], Observation[Any]]
"""Reads one section from the recording."""


class _Section(msgspec.Struct, array_like=True, frozen=True):
    """One section. ``facts`` is None for what is not Found, for what could not be written, and for what is in
    ``parts``. After reading, it is a view into the whole.

    ``packed``: compressed by itself. ``parts`` are the fields of a large section that is one value.
    """

    name: str
    status: Literal["found", "absent", "unknown"]
    reason: str
    asked: bool
    gaps: tuple[Gap, ...]
    facts: memoryview | None
    packed: bool = False
    parts: tuple[LazyField, ...] | None = None


class _Host(msgspec.Struct, array_like=True, frozen=True):
    status: Status
    sections: tuple[_Section, ...]


_encoder = msgspec.msgpack.Encoder()
_hosts = msgspec.msgpack.Decoder(_Host)


@lru_cache(maxsize=1)
def parser_version() -> str:
    """A hash of the source and the product files that read recordings: facts which another source has read are never
    taken for its own.
    """
    digest = hashlib.sha256(msgspec.__version__.encode())
    folder = Path(inventory.__file__).parent
    for path in sorted(each for each in folder.rglob("*") if each.suffix in (".py", ".toml")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def encoded(status: Status, observations: Mapping[str, Observation[Any]]) -> bytes | None:
    """The status and the observations of a host; None when not even their reasons can be written."""
    pack = zstandard.ZstdCompressor(level=1).compress
    sections = tuple(_written(name, each, pack) for name, each in observations.items())
    try:
        written = _encoder.encode(_Host(status, sections))
    except UnicodeEncodeError:
        return None
    # Around it all for the checksum: what is packed already is copied.
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(written)


def _written(name: str, observation: Observation[Any], pack: Callable[[bytes], bytes]) -> _Section:
    if isinstance(observation, Found):
        facts = _facts(name, observation.value)
        if facts is not None and len(facts) >= _LARGE and _has_fields(name):
            parts = encode_fields(observation.value, pack)
            return _Section(name, "found", "", True, observation.gaps, None, False, parts)
        packed = facts is not None and len(facts) >= _SMALL
        kept = None if facts is None else memoryview(pack(facts) if packed else facts)
        return _Section(name, "found", "", True, observation.gaps, kept, packed)
    if isinstance(observation, Absent):
        return _Section(name, "absent", observation.reason, True, (), None)
    return _Section(name, "unknown", observation.reason, observation.asked, (), None)


def _facts(name: str, value: object) -> bytes | None:
    if _decoder(name) is None:
        return None
    try:
        return _encoder.encode(value)
    except (UnicodeEncodeError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _has_fields(section: str) -> bool:
    kind = fact_type(section)
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


@lru_cache(maxsize=256)
def _decoder(section: str) -> msgspec.msgpack.Decoder[Any] | None:
    kind = fact_type(section)
    return None if kind is Any else msgspec.msgpack.Decoder(kind)


def decoded(blob: bytes, parse: Parse) -> tuple[Status, Mapping[str, Observation[Any]]] | None:
    """Both again; None when ``blob`` is damaged. ``parse`` is called for sections that are not in it."""
    try:
        unpacker = zstandard.ZstdDecompressor()
        host = _hosts.decode(unpacker.decompress(blob, max_output_size=_MOST))
        return host.status, _Observations(host.sections, parse, unpacker)
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError):
        return None


class _LazyFound(Found[Any]):
    """A Found whose value is decoded at the first access. Otherwise it behaves as any Found."""

    __slots__ = ("_decode",)

    def __getattr__(self, name: str) -> Any:
        # Python asks this for what the instance does not have (yet).
        if name != "value":
            raise AttributeError(name)
        object.__setattr__(self, "value", self._decode())
        return self.value

    def __eq__(self, other: object) -> bool:
        return Found(self.value, self.gaps) == (Found(other.value, other.gaps) if isinstance(other, Found) else other)

    def __hash__(self) -> int:
        return hash(Found(self.value, self.gaps))

    def __repr__(self) -> str:
        return repr(Found(self.value, self.gaps))

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy for another process holds the value, and nothing of the database.
        return (Found, (self.value, self.gaps))


def _kept_found(decode: Callable[[], Any], gaps: tuple[Gap, ...]) -> _LazyFound:
    found = object.__new__(_LazyFound)
    object.__setattr__(found, "_decode", decode)
    object.__setattr__(found, "gaps", gaps)
    return found


class _Observations(Mapping[str, Observation[Any]]):
    """Decodes a section once, at the first access."""

    def __init__(self, sections: tuple[_Section, ...], parse: Parse, unpacker: zstandard.ZstdDecompressor) -> None:
        self._sections = {each.name: each for each in sections}
        self._parse = parse
        self._unpacker = unpacker
        self._known: dict[str, Observation[Any]] = {}

    def __getitem__(self, name: str) -> Observation[Any]:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read(self._sections[name])
        return known

    def get(self, name: str, default: Any = None) -> Any:
        """As in any mapping; called a hundred times a host, so without an exception for each missing section."""
        known = self._known.get(name)
        if known is not None:
            return known
        return self[name] if name in self._sections else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)

    def __reduce__(self) -> tuple[Any, ...]:
        return (dict, (dict(self),))

    def _read(self, section: _Section) -> Observation[Any]:
        if section.status == "absent":
            return Absent(section.reason)
        if section.status == "unknown":
            return Unknown(section.reason, section.asked)
        decoder = _decoder(section.name)
        if decoder is None or (section.facts is None and section.parts is None):
            return self._parse(section.name)
        if section.parts is not None and _has_fields(section.name):
            return Found(decode_lazily(fact_type(section.name), section.parts, self._unpacker), section.gaps)
        if section.facts is None:
            return self._parse(section.name)
        # It must not know of this mapping, which holds it: garbage collection rests while hosts are judged.
        unpacker = self._unpacker if section.packed else None
        return _kept_found(partial(_value, section.facts, decoder, unpacker, self._parse, section.name), section.gaps)


def _value(
    facts: memoryview,
    decoder: msgspec.msgpack.Decoder[Any],
    unpacker: zstandard.ZstdDecompressor | None,
    parse: Parse,
    section: str,
) -> Any:
    try:
        plain = facts if unpacker is None else unpacker.decompress(facts, max_output_size=_MOST)
        return decoder.decode(plain)
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        parsed = parse(section)
        if isinstance(parsed, Found):
            return parsed.value
        raise WorkspaceError(f"the stored section {section} of a host is damaged; run: assess reparse") from error
