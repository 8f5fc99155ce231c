"""Marks are found wherever they stand, and nothing but a mark is taken for one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from inventory.framing import read_frames

NONCE = "0123456789abcdef0123456789abcdef"

PIECES = st.sampled_from(
    [
        b"\n",
        b"\r\n",
        b"x",
        b"\0\xff",
        NONCE.encode(),
        f"{NONCE} ".encode(),
        *(f"\n{NONCE} {mark}\n".encode() for mark in ("begin a", "part p", "done 0", "end", "over no", "bye", "pad")),
        *(f"{NONCE} {mark}\r\n".encode() for mark in ("begin b", "part q", "done 1", "over yes", "hello 0 1")),
    ]
)


@given(st.lists(PIECES).map(b"".join))
def test_no_byte_of_an_answer_is_read_twice_and_no_content_holds_a_mark(stdout: bytes) -> None:
    frames = read_frames(stdout, b"", NONCE)
    mark = re.compile(NONCE.encode() + rb" [a-z]+(?: [^\r\n]*)?\r?\n")
    contents = [part.content for section in frames.sections.values() for part in section.parts]
    assert sum(map(len, contents)) + len(frames.outside) <= len(stdout)
    assert not any(mark.search(content) for content in contents)


def test_a_mark_that_is_cut_off_is_content() -> None:
    stdout = f"\n{NONCE} begin a\n\n{NONCE} part p\nx\n{NONCE} don".encode()
    (part,) = read_frames(stdout, b"", NONCE).sections["a"].parts
    assert part.content == f"x\n{NONCE} don".encode()
    assert part.truncated


def test_marks_that_follow_each_other_leave_content_whole() -> None:
    stdout = f"{NONCE} begin a\n{NONCE} part p\n\n\n\n{NONCE} done 0\n{NONCE} over no\n".encode()
    (part,) = read_frames(stdout, b"", NONCE).sections["a"].parts
    assert part.content == b"\n\n", "only the newline before a mark belongs to it"


def test_padding_is_no_noise() -> None:
    frames = read_frames(f"motd\n{NONCE} pad\n     \n{NONCE} bye\nlogout\n".encode(), b"", NONCE)
    assert frames.outside == b"motd" + b"logout\n"
    assert frames.complete


def test_a_section_that_is_asked_again_has_its_second_answer_only() -> None:
    first = f"\n{NONCE} begin a\n\n{NONCE} part p\ncut off"
    second = f"\n{NONCE} begin a\n\n{NONCE} part p\nwhole\n{NONCE} done 0\n\n{NONCE} end\n\n{NONCE} over no\n"
    (part,) = read_frames((first + second).encode(), b"", NONCE).sections["a"].parts
    assert part.content == b"whole"
    assert not part.truncated
