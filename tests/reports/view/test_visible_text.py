"""Text from hosts cannot hide, turn around or recolour anything."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from reports.view.visible_text import lines_of, shown, visible


def test_control_characters_are_written_out() -> None:
    assert visible("\x1b[31mred\x07\n\t\x7f\x9b") == "\\x1b[31mred\\x07\\n\\t\\x7f\\x9b"


def test_what_turns_text_around_is_written_out() -> None:
    assert visible("\u202egpj.exe") == "\\u202egpj.exe"
    assert visible("a\u200bb\u2066c\u2028d\ufeff") == "a\\u200bb\\u2066c\\u2028d\\ufeff"


def test_bytes_that_are_not_utf8_are_shown_as_bytes() -> None:
    assert visible(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\\xe9"


def test_letters_of_every_language_stay() -> None:
    assert visible("Größe 東京 שלום ½ “x”") == "Größe 東京 שלום ½ “x”"


def test_characters_beyond_the_first_plane_have_eight_digits() -> None:
    assert visible("\U000e0041") == "\\U000e0041"


@given(st.text(st.characters(codec=None)))
def test_nothing_unprintable_is_left(text: str) -> None:
    for character in visible(text):
        assert character == " " or unicodedata.category(character) not in {
            "Cc",
            "Cf",
            "Cs",
            "Co",
            "Cn",
            "Zl",
            "Zp",
            "Zs",
        }


@given(st.text(st.characters(codec=None)))
def test_what_is_shown_is_utf8(text: str) -> None:
    shown(text).encode("utf-8")


def test_a_cut_says_how_much_is_missing() -> None:
    assert shown("x" * 2100) == "x" * 2000 + "… (100 more characters)"
    assert shown("x" * 2000) == "x" * 2000


def test_lines_that_are_left_out_are_counted() -> None:
    assert lines_of("\n".join("abc"), most=2) == ("a", "b", "… (1 more lines)")
    assert lines_of("a\nb\n") == ("a", "b")
    assert lines_of("") == ()
