"""Units and environment files are read as systemd reads them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.start.managed_start import ManagedStart
from containerize.start.start_sources import secret_names
from containerize.start.systemd_start import UnitFiles, systemd_start
from containerize.start.unit_text import (
    UnitTooLong,
    expand_arguments,
    expand_specifiers,
    read_environment_file,
    read_unit,
    seconds,
    split_words,
)


def test_drop_ins_add_and_an_empty_value_resets() -> None:
    unit = read_unit(
        [
            "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/a\nEnvironment=A=1\nUser = app\n",
            "[Service]\nExecStart=\nExecStart=/bin/b \\\n# a remark\n  -x\nEnvironment=B=2\n",
        ]
    )
    assert unit.all("ExecStart") == ("/bin/b  -x",)
    assert unit.all("Environment") == ("A=1", "B=2")
    assert unit.last("User") == "app"
    assert unit.last("Description") == ""
    assert unit.last("Description", "Unit") == "x"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a  b\tc", ["a", "b", "c"]),
        ("'a b' \"c d\"e ''", ["a b", "c de", ""]),
        (r"a\sb \x41 \101 \u00e4", ["a b", "A", "A", "ä"]),
        (r"\; \q 'it\'s'", ["\\;", "\\q", "it's"]),
        ("'open", ["open"]),
        ("\\", ["\\"]),
    ],
)
def test_words_are_split_as_systemd_splits_them(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_variables_are_filled_in_as_systemd_does() -> None:
    environment = {"OPTS": "-a 'b c'", "NAME": "x y", "EMPTY": ""}
    words = ["$OPTS", "${NAME}", "--n=${NAME}z", "--n=$NAME", "$EMPTY", "$UNSET", "${UNSET}", "$$HOME", "$", "${open"]
    assert expand_arguments(words, environment) == [
        "-a", "b c", "x y", "--n=x yz", "--n=$NAME", "", "$HOME", "$", "${open"
    ]  # fmt: skip


def test_specifiers_are_filled_in_and_unknown_ones_stay() -> None:
    assert expand_specifiers("/run/%i-%%%q%", {"i": "web"}) == "/run/web-%%q%"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("A=1\n# B=2\n;C=3\nexport D=4\n", {"A": "1"}),
        ('A="x y"\nB=\'a"b\'\nC=a b  \n', {"A": "x y", "B": 'a"b', "C": "a b"}),
        ('A=a\\\nb\nB="two\nlines"\nC="\\$x \\q"\n', {"A": "ab", "B": "two\nlines", "C": "$x \\q"}),
        ("A=$B ${C}\n 1A=x\n", {"A": "$B ${C}"}),
        ('A="open', {"A": "open"}),
    ],
)
def test_an_environment_file_is_not_a_shell_script(text: str, variables: dict[str, str]) -> None:
    assert read_environment_file(text) == variables


@pytest.mark.parametrize(
    ("text", "result"),
    [("90", 90), ("1min 30s", 90), ("5min", 300), ("infinity", 0), ("500ms", 1), ("", None), ("3 moons", None)],
)
def test_a_time_span_is_read_in_seconds(text: str, result: int | None) -> None:
    assert seconds(text) == result


@given(st.text(alphabet="a$'\"\\%{}=;# \n", max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    read_unit([text])
    read_environment_file(text)
    words = split_words(text)
    assert all(isinstance(word, str) for word in expand_arguments(words, {"a": text}))
    expand_specifiers(text, {})
    seconds(text)


@pytest.mark.parametrize("piece", ["\\\n", "${", "${a", "'\"", "\\x", "%i", "A='", "a=b\\\n", "# \n"])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    text = piece * 100_000
    began = time.process_time()
    read_unit([text])
    read_environment_file(text)
    expand_arguments(split_words(text), {})
    expand_specifiers(text, {"i": "x"})
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text",
    [
        f"Environment=A={'a' * 100_000}\nExecStart=/x {'${A}' * 30_000}\n",
        f"Environment=A={'a' * 100_000}\nExecStart=/x {'$A ' * 30_000}\n",
        f"ExecStart=/x {'%H' * 30_000}\n",
        f"Environment={' '.join(f'A{at}=%H' for at in range(10_000))}\nExecStart=/x\n",
    ],
    ids=["braces", "words", "specifiers", "variables"],
)
def test_a_unit_that_names_a_long_value_often_is_rejected(text: str) -> None:
    with pytest.raises(UnitTooLong, match=r"the unit app\.service becomes longer"):
        systemd_start(UnitFiles("app", (f"[Service]\n{text}",), hostname="a" * 100_000))


def test_a_file_of_variables_is_read_once_however_often_it_is_named() -> None:
    text = "[Service]\nExecStart=/x\n" + "EnvironmentFile=/a\nEnvironmentFile=-/b\n" * 5000
    content = {"/a": "A=1\nB=1\n" * 10_000, "/b": "B=2\n"}
    began = time.process_time()
    found = systemd_start(UnitFiles("app", (text,), environment=content))
    assert found is not None
    assert found.environment == {"A": "1", "B": "2"}
    assert time.process_time() - began < 5


def test_many_secret_variables_take_the_time_of_their_texts() -> None:
    text = "".join(f"A{at}_PASSWORD=abcd{at}efgh\n" for at in range(15_000))
    start = ManagedStart("x", "simple", (), environment={**read_environment_file(text), "MODE": "1"})
    began = time.process_time()
    assert len(secret_names(start, {"/etc/app.env": text})) == 15_000
    assert time.process_time() - began < 5
