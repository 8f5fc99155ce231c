"""No secret is shown, and nothing that steers a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.pilot.mask import HIDDEN, Mask

APP_INI = b"""[database]
host = db01
user = shop
password = "Winter7Night"
"""


@pytest.fixture
def mask() -> Mask:
    mask = Mask()
    mask.learn_file(APP_INI)
    return mask


def test_a_secret_of_a_file_is_hidden_wherever_it_turns_up(mask: Mask) -> None:
    shown = mask.text("<td>Winter7Night</td> connect to db01 as shop")
    assert shown == f"<td>{HIDDEN}</td> connect to db01 as shop"


def test_a_password_that_was_never_read_is_hidden_by_redaction(mask: Mask) -> None:
    assert "Sommer8Tag" not in mask.text("mysql: password = Sommer8Tag")


def test_words_of_a_file_without_recognised_secrets_stay_readable() -> None:
    """Debian's maintenance file has comments, the server's name and an empty password."""
    mask = Mask()
    mask.learn_file(
        b"# Automatically generated for Debian scripts. DO NOT TOUCH!\n[client]\nhost = localhost\nuser = mariadb\n"
    )
    assert mask.text("/usr/sbin/mariadbd listens on localhost") == "/usr/sbin/mariadbd listens on localhost"


def test_a_key_that_redaction_does_not_know_is_hidden() -> None:
    mask = Mask()
    mask.learn_file(b"q8Zr2LmX0vYt\n")
    assert mask.text("cookie q8Zr2LmX0vYt") == f"cookie {HIDDEN}"


def test_repr_shows_nothing(mask: Mask) -> None:
    assert "Winter" not in repr(mask)


@given(st.text())
def test_a_line_is_one_line_without_control_characters(text: str) -> None:
    line = Mask().line(text, 50)
    assert line.isprintable() or not line
    assert "\n" not in line and "\x1b" not in line
    assert len(line) <= 50


def test_terminal_escapes_are_shown_not_sent() -> None:
    assert Mask().line("a\x1b[31mred\x1b[0m") == "a\\x1b[31mred\\x1b[0m"
