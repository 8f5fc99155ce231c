"""Facts that are kept by a key come back in their order, and those of each key by themselves."""

from __future__ import annotations

from operator import attrgetter

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from inventory.errors import WorkspaceError
from inventory.model.configuration import ConfigLine, Configuration
from inventory.model.packages import Packages
from inventory.observation import Origin, value_or_none
from inventory.store.cache.grouped_encoding import FactsByKey, decode_grouped, encode_grouped
from inventory.store.cache.lazy_fields import LazyField, decode_lazily, encode_fields
from tests.support.estate_recordings import recorded_host

DECODER = msgspec.msgpack.Decoder(tuple[ConfigLine, ...])
LINES = st.lists(
    st.builds(
        ConfigLine,
        st.sampled_from(["/etc/a.conf", "/etc/b.conf", "/opt/c.py"]),
        st.integers(1, 9),
        st.text(max_size=9),
        st.booleans(),
        st.builds(Origin, st.just("configuration"), st.just("lines"), st.integers(1, 9)),
    ),
    max_size=12,
)


@given(LINES)
def test_what_was_written_is_read(lines: list[ConfigLine]) -> None:
    facts = encode_grouped(lines, attrgetter("path"))
    whole = Configuration(tuple(lines), ())
    assert decode_grouped(facts, DECODER) == whole.lines
    by_file = FactsByKey(facts, DECODER)
    assert {path: list(by_file[path]) for path in by_file} == whole.by_path
    assert len(by_file) == len(whole.by_path)
    assert "/nowhere" not in by_file
    assert by_file.get("/nowhere") is None


def test_recorded_configuration_is_the_same_in_parts() -> None:
    whole = value_or_none(recorded_host("web01").configuration)
    assert whole is not None
    parts = encode_fields(whole, zstandard.ZstdCompressor().compress)
    kept = decode_lazily(Configuration, parts, zstandard.ZstdDecompressor())
    assert {path: list(lines) for path, lines in kept.by_path.items()} == whole.by_path
    assert kept == whole


def test_recorded_packages_are_the_same_in_parts() -> None:
    whole = value_or_none(recorded_host("web01").packages)
    assert whole is not None
    kept = decode_lazily(
        Packages, encode_fields(whole, zstandard.ZstdCompressor().compress), zstandard.ZstdDecompressor()
    )
    assert {name: list(packages) for name, packages in kept.by_name.items()} == whole.by_name
    assert list(kept.by_name) == list(whole.by_name)
    assert kept == whole


@pytest.mark.parametrize("facts", [b"\xc1", b"\xa1a", msgspec.msgpack.encode([["/etc/a.conf", "no bytes"]])])
def test_damaged_lines_say_what_to_do(facts: bytes) -> None:
    kept = decode_lazily(Configuration, (LazyField("lines", memoryview(facts), False),), zstandard.ZstdDecompressor())
    with pytest.raises(WorkspaceError, match="reparse"):
        _ = kept.by_path
    with pytest.raises(WorkspaceError, match="reparse"):
        _ = kept.lines


def test_a_damaged_file_leaves_the_others() -> None:
    good = msgspec.msgpack.encode([ConfigLine("/etc/a.conf", 1, "a", False, Origin("configuration", "lines", 1))])
    facts = msgspec.msgpack.encode([["/etc/a.conf", good], ["/etc/b.conf", b"\xc1"]])
    by_file = FactsByKey(facts, DECODER)
    assert by_file["/etc/a.conf"][0].text == "a"
    with pytest.raises(WorkspaceError, match="reparse"):
        by_file["/etc/b.conf"]
