"""Facts that are decoded field by field are equal to the whole ones and behave as they do."""

from __future__ import annotations

import pickle
from dataclasses import replace

import msgspec
import pytest

from inventory.errors import WorkspaceError
from inventory.model.kernel import Kernel
from inventory.observation import value_or_none
from inventory.store.fact_parts import in_parts
from tests.support.estate_recordings import recorded_host


@pytest.fixture
def whole() -> Kernel:
    kernel = value_or_none(recorded_host("web01").kernel)
    assert kernel is not None
    return kernel


def test_like_the_whole_one(whole: Kernel) -> None:
    written = msgspec.msgpack.encode(whole)
    kernel = in_parts(Kernel, written)
    assert isinstance(kernel, Kernel)
    assert kernel == whole
    assert whole == kernel
    assert kernel == in_parts(Kernel, written)
    assert hash(kernel) == hash(whole)
    assert repr(in_parts(Kernel, written)) == repr(whole)
    assert kernel.number == whole.number
    assert replace(in_parts(Kernel, written), release="1") == replace(whole, release="1")
    assert in_parts(Kernel, msgspec.msgpack.encode(replace(whole, release="1"))) != whole
    assert msgspec.msgpack.encode(in_parts(Kernel, written)) == written
    assert pickle.loads(pickle.dumps(in_parts(Kernel, written))) == whole  # noqa: S301 - our own bytes
    with pytest.raises(AttributeError):
        kernel.nothing  # noqa: B018


def test_fields_that_nobody_looks_at_are_not_decoded(whole: Kernel) -> None:
    fields = msgspec.msgpack.decode(msgspec.msgpack.encode(whole))
    kernel = in_parts(Kernel, msgspec.msgpack.encode({**fields, "modules": "no modules"}))
    assert kernel.release == whole.release
    with pytest.raises(WorkspaceError, match="reparse"):
        kernel.modules  # noqa: B018


def test_what_is_no_map_is_no_fact() -> None:
    with pytest.raises(msgspec.DecodeError):
        in_parts(Kernel, msgspec.msgpack.encode([1, 2]))
