"""Words of a host in RUN lines: whatever they are, the shell gets them as they were."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from containerize.rebuild.shell_words import LONGEST, Unwritable, gathered, path_word, remark, runs, word
from tests.containerize.rebuild.parsing import SHELLS, commands, instructions

NAMES = st.text(
    st.one_of(
        st.characters(blacklist_characters="\0"),
        st.sampled_from("\\\n\r\t'\"`$#;&|<>(){}*?![]~ -="),
        st.integers(0x80, 0xFF).map(lambda byte: chr(0xDC00 + byte)),
    ),
    min_size=0,
    max_size=24,
)
"""Text as names of files are decoded: bytes that are not UTF-8 are lone surrogates."""


def encoded(text: str) -> bytes | None:
    """The bytes that a host could have sent for it; None for what none could."""
    try:
        data = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return None
    return data if data.decode("utf-8", "surrogateescape") == text else None


def writable(text: str) -> bool:
    return encoded(text) is not None and not text.endswith("\n")


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES.filter(writable), min_size=1, max_size=12), st.lists(NAMES, max_size=3))
def test_a_shell_gets_each_word_as_the_host_sent_it(shell: str, names: list[str], reasons: list[str]) -> None:
    steps = [[*(remark(reason) for reason in reasons), f"printf '%s\\0' {word(name)}"] for name in names]
    text = "\n".join(["FROM scratch", *(line for block in runs(steps) for line in block), "USER 7:7"]) + "\n"

    assert [name for name, _, _ in instructions(text)] == ["FROM", "RUN", "USER"]
    (command,) = commands(text)
    run = subprocess.run([*SHELLS[shell], "-c", command], capture_output=True, check=True)
    assert run.stdout.split(b"\0")[:-1] == [encoded(name) for name in names]


@given(NAMES)
def test_a_comment_stays_one(text: str) -> None:
    parsed = instructions(f"FROM scratch\n{remark(text)}\nRUN a; \\\n{remark(text)}\n    b\n")

    assert [name for name, _, _ in parsed] == ["FROM", "RUN"]
    assert "".join(parsed[1][2][0].split()) == "a;b"


@pytest.mark.parametrize("text", ["a\0b", "ends\n"])
def test_what_no_line_can_hold_is_refused(text: str) -> None:
    with pytest.raises(Unwritable):
        word(text)


def test_a_path_is_no_option() -> None:
    with pytest.raises(Unwritable):
        path_word("-rf")


def test_no_run_is_longer_than_a_shell_takes() -> None:
    name = "/srv/" + "x" * 200
    blocks = list(runs([f"rm -f {name}"] for _ in range(1000)))

    assert len(blocks) > 1
    assert all(sum(len(line) for line in block) <= LONGEST + 1000 for block in blocks)
    assert sum(block_line.count(name) for block in blocks for block_line in block) == 1000


def test_words_are_shared_among_lines_and_none_is_lost() -> None:
    lines = list(gathered("rm -f", (f"/w{number}" for number in range(5000))))

    assert len(lines) > 1
    assert " ".join(line.removeprefix("rm -f ") for line in lines).split() == [f"/w{number}" for number in range(5000)]
    assert list(gathered("rm -f", ())) == []
