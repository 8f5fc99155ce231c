"""Checksums of package databases: which algorithm, and whether a content has one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.checksums import LENGTHS, algorithm_of, fits, hasher


@pytest.mark.parametrize("algorithm", LENGTHS)
def test_the_length_tells_the_algorithm(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"content").hexdigest()
    assert algorithm_of(digest) == algorithm
    assert fits(b"content", digest)
    assert not fits(b"contents", digest)


@given(st.text())
def test_what_is_no_checksum_fits_nothing(text: str) -> None:
    if algorithm_of(text) is None:
        assert not fits(b"", text)
        with pytest.raises(ValueError, match="not a checksum"):
            hasher(text)
