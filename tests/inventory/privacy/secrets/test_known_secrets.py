"""Values that are known are found in every form, and their search grows with their number alone."""

from __future__ import annotations

import base64
import urllib.parse

from hypothesis import given
from hypothesis import strategies as st

from inventory.privacy.secrets.known_secrets import MOST, KnownSecrets

_VALUES = st.binary(min_size=1, max_size=40)


@given(st.lists(_VALUES, min_size=1, max_size=8), st.integers(0, 7), st.binary(max_size=5), st.binary(max_size=5))
def test_each_form_is_found_wherever_it_stands(values: list[bytes], place: int, before: bytes, after: bytes) -> None:
    known = KnownSecrets(values)
    value = values[place % len(values)]

    assert known.within(before + value + after)
    assert known.within(before + urllib.parse.quote_from_bytes(value, safe="").encode() + after)
    assert known.within(before + urllib.parse.quote_plus(value).encode() + after)
    assert known.within(before + value.decode("latin-1").encode("utf-16-le") + after)
    assert known.within(before + value.decode("latin-1").encode("utf-16-be") + after)
    if len(value) > 2:  # fewer bytes may have no digit of their own
        assert known.within(b'"' + base64.b64encode(before + value + after) + b'"')
        assert known.within(b'"' + base64.urlsafe_b64encode(before + value + after) + b'"')


@given(st.lists(st.text("ab", min_size=1, max_size=5), min_size=1, max_size=8), st.text("abc", max_size=60))
def test_nothing_of_a_value_is_left_in_a_text(values: list[str], text: str) -> None:
    left = KnownSecrets(value.encode() for value in values).replaced(text, "|")

    assert not any(value in left for value in values)
    assert left.count("c") == text.count("c")


def test_the_longest_of_values_that_begin_alike_is_replaced() -> None:
    known = KnownSecrets([b"kiesel", b"kiesel-48", b"kiesel-48-ufer", b"kiesel-5"])

    assert known.replaced("kiesel-48-ufer kiesel-48-u kiesel-4 kiesel-5", "|") == "| |-u |-4 |"


def test_a_form_that_two_pieces_share_is_found_in_what_comes_again() -> None:
    value = b"%&/()= " * 10
    known = KnownSecrets([value])
    for form in (urllib.parse.quote_from_bytes(value, safe="").encode(), value.decode().encode("utf-16-le")):
        content = b"x" * 500 + form + b"x" * 500
        for cut in range(500, 500 + len(form)):
            assert known.within(content[max(0, cut - known.overlap) :]) or known.within(content[:cut])


def test_a_value_of_one_byte_is_looked_for() -> None:
    known = KnownSecrets([b"a", b"", b"\0"])

    assert known.within(b"bab")
    assert known.within(b"\0")
    assert not known.within(b"bbb")
    assert not KnownSecrets([b""])


def test_what_is_searched_does_not_grow_with_the_length_of_values() -> None:
    """As many bytes for 50 values of 4,000 bytes as for 50 of 40, and at most 100 for each of the most there can be."""
    weights = {KnownSecrets(b"%08d" % n + b"Zz9-" * length for n in range(50)).searched for length in (8, 1000)}

    assert len(weights) == 1
    assert KnownSecrets(b"%06d-of-a-password-file" % n for n in range(MOST)).searched <= 100 * MOST


def test_values_that_begin_alike_share_what_is_searched() -> None:
    known = KnownSecrets(b"{SSHA512}%d" % n for n in range(MOST))

    assert known.searched <= 100
    assert known.within(b"userPassword: {SSHA512}4711")
    assert not known.within(b"userPassword: {SSHA512}x4711")
