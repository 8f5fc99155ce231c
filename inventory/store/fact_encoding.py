"""Parsed facts of a host as bytes and back: MessagePack by the types of the facts, under zstd.

Decoding makes nothing but values of these types, and each section is decoded when it is first looked at. A section that
cannot be written (text with bytes that are no UTF-8) is left out, and is parsed from the recording when it is asked
for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import zstandard

import inventory
from inventory.fact_types import fact_type
from inventory.observation import Absent, Found, Gap, Observation, Unknown
from inventory.snapshot import Status

_MOST = 1 << 30

Parse = Callable[[str], Observation[Any]]
"""Reads one section from the recording."""


class _Section(msgspec.Struct, array_like=True, frozen=True):
    """``facts`` is None for what is not Found, and for what could not be written. Read, it is a view into the whole."""

    name: str
    status: Literal["found", "absent", "unknown"]
    reason: str
    asked: bool
    gaps: tuple[Gap, ...]
    facts: memoryview | None


class _Host(msgspec.Struct, array_like=True, frozen=True):
    status: Status
    sections: tuple[_Section, ...]


_encoder = msgspec.msgpack.Encoder()
_hosts = msgspec.msgpack.Decoder(_Host)


@lru_cache(maxsize=1)
def parser_version() -> str:
    """A hash of the source that reads recordings: facts which another source has read are never taken for its own."""
    digest = hashlib.sha256(msgspec.__version__.encode())
    folder = Path(inventory.__file__).parent
    for path in sorted(folder.rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def encoded(status: Status, observations: Mapping[str, Observation[Any]]) -> bytes | None:
    """The status and the observations of a host; None when not even their reasons can be written."""
    sections = tuple(_written(name, each) for name, each in observations.items())
    try:
        written = _encoder.encode(_Host(status, sections))
    except UnicodeEncodeError:
        return None
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(written)


def _written(name: str, observation: Observation[Any]) -> _Section:
    if isinstance(observation, Found):
        return _Section(name, "found", "", True, observation.gaps, _facts(name, observation.value))
    if isinstance(observation, Absent):
        return _Section(name, "absent", observation.reason, True, (), None)
    return _Section(name, "unknown", observation.reason, observation.asked, (), None)


def _facts(name: str, value: object) -> memoryview | None:
    if _decoder(name) is None:
        return None
    try:
        return memoryview(_encoder.encode(value))
    except (UnicodeEncodeError, OverflowError):
        return None


@lru_cache(maxsize=256)
def _decoder(section: str) -> msgspec.msgpack.Decoder[Any] | None:
    kind = fact_type(section)
    return None if kind is Any else msgspec.msgpack.Decoder(kind)


def decoded(blob: bytes, parse: Parse) -> tuple[Status, Mapping[str, Observation[Any]]] | None:
    """Both again; None when ``blob`` is damaged. ``parse`` is called for sections that are not in it."""
    try:
        host = _hosts.decode(zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MOST))
        return host.status, _Observations(host.sections, parse)
    except (zstandard.ZstdError, msgspec.DecodeError):
        return None


class _Observations(Mapping[str, Observation[Any]]):
    """Decodes what is asked for, once."""

    def __init__(self, sections: tuple[_Section, ...], parse: Parse) -> None:
        self._sections = {each.name: each for each in sections}
        self._parse = parse
        self._known: dict[str, Observation[Any]] = {}

    def __getitem__(self, name: str) -> Observation[Any]:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._read(self._sections[name])
        return known

    def get(self, name: str, default: Any = None) -> Any:
        """As of any mapping; asked a hundred times a host, so without an exception for each section that is not."""
        return self[name] if name in self._sections else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._sections)

    def __len__(self) -> int:
        return len(self._sections)

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy for another process holds what was read, and nothing of the database.
        return (dict, (dict(self),))

    def _read(self, section: _Section) -> Observation[Any]:
        if section.status == "absent":
            return Absent(section.reason)
        if section.status == "unknown":
            return Unknown(section.reason, section.asked)
        decoder = _decoder(section.name)
        if section.facts is None or decoder is None:
            return self._parse(section.name)
        try:
            return Found(decoder.decode(section.facts), section.gaps)
        except msgspec.DecodeError:
            return self._parse(section.name)
