"""Facts that are decoded field by field are equal to the whole ones and behave as they do."""

from __future__ import annotations

import pickle
from dataclasses import replace

import msgspec
import pytest
import zstandard

from inventory.errors import WorkspaceError
from inventory.model.kernel import Kernel
from inventory.observation import value_or_none
from inventory.store.cache.lazy_fields import LazyField, decode_lazily, encode_fields
from tests.support.estate_recordings import recorded_host


@pytest.fixture
def whole() -> Kernel:
    kernel = value_or_none(recorded_host("web01").kernel)
    assert kernel is not None
    return kernel


def written(kernel: Kernel) -> tuple[LazyField, ...]:
    return encode_fields(kernel, zstandard.ZstdCompressor().compress)


def read(parts: tuple[LazyField, ...]) -> Kernel:
    kernel: Kernel = decode_lazily(Kernel, parts, zstandard.ZstdDecompressor())
    return kernel


def test_like_the_whole_one(whole: Kernel) -> None:
    parts = written(whole)
    assert {each.packed for each in parts} == {True, False}
    kernel = read(parts)
    assert isinstance(kernel, Kernel)
    assert kernel == whole
    assert whole == kernel
    assert kernel == read(parts)
    assert hash(kernel) == hash(whole)
    assert repr(read(parts)) == repr(whole)
    assert kernel.number == whole.number
    assert replace(read(parts), release="1") == replace(whole, release="1")
    assert read(written(replace(whole, release="1"))) != whole
    assert msgspec.msgpack.encode(read(parts)) == msgspec.msgpack.encode(whole)
    assert written(read(parts)) == parts
    assert pickle.loads(pickle.dumps(read(parts))) == whole  # noqa: S301 - our own bytes
    with pytest.raises(AttributeError):
        kernel.nothing  # noqa: B018


@pytest.mark.parametrize(
    "damaged",
    [
        LazyField("modules", memoryview(msgspec.msgpack.encode("no modules")), packed=False),
        LazyField("modules", memoryview(b"no frame of zstd"), packed=True),
        LazyField("other", memoryview(b"\xc0"), packed=False),
    ],
)
def test_fields_that_nobody_looks_at_are_not_decoded(whole: Kernel, damaged: LazyField) -> None:
    kernel = read(tuple(damaged if each.name == "modules" else each for each in written(whole)))
    assert kernel.release == whole.release
    with pytest.raises(WorkspaceError, match="reparse"):
        kernel.modules  # noqa: B018
