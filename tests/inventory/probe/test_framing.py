"""Marks are found wherever they stand, and nothing but a mark is taken for one."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from inventory.probe.framing import read_frames
from inventory.recording import Part

NONCE = "0123456789abcdef0123456789abcdef"

ANSWER = f"""\
Welcome to web01
{NONCE} hello 0 4711

{NONCE} begin system

{NONCE} part release
ID=debian

{NONCE} done 0

{NONCE} end

{NONCE} over no

{NONCE} begin mounts

{NONCE} part table
/dev/sda1 / ext4

{NONCE} over yes

{NONCE} bye
"""
"""Root answers as process 4711. The watchdog ends the second section within its part."""


def test_an_answer_from_beginning_to_end() -> None:
    frames = read_frames(ANSWER.encode(), f"{NONCE} begin system\nsh: 1: lsb: not found\n".encode(), NONCE)

    assert (frames.hello, frames.uid, frames.pid, frames.complete) == (True, 0, 4711, True)
    assert frames.outside == b"Welcome to web01"
    system, mounts = frames.sections["system"], frames.sections["mounts"]
    assert system.parts == (Part("release", b"ID=debian\n", 0),)
    assert (system.timed_out, system.unfinished) == (False, False)
    assert mounts.parts == (Part("table", b"/dev/sda1 / ext4\n", -1, truncated=True),)
    assert (mounts.timed_out, mounts.unfinished) == (True, False)


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


def _several(names: str, content: str, end: str = "done 0") -> dict[str, tuple[bytes, bool, bool]]:
    stdout = f"\n{NONCE} begin a\n\n{NONCE} part {names}\n{content}\n{NONCE} {end}\n\n{NONCE} over no\n".encode()
    parts = read_frames(stdout, b"", NONCE).sections["a"].parts
    return {part.name: (part.content, part.status == 0, part.truncated) for part in parts}


def test_one_command_says_several_parts() -> None:
    content = "/proc/1/stat:1 (x) S\n/proc/2/stat:2 (/proc/9/status: S\n/proc/2/stat:y) S\n/proc/1/limits:Max\n"
    assert _several("@stat,status,limits", content) == {
        "stat": (b"/proc/1/stat:1 (x) S\n/proc/2/stat:2 (/proc/9/status: S\n/proc/2/stat:y) S\n", True, False),
        "status": (b"", False, False),
        "limits": (b"/proc/1/limits:Max\n", True, False),
    }


def test_the_parts_of_one_command_may_come_without_paths() -> None:
    content = "/proc/net/tcp: sl\n/proc/net/tcp: 0: 0:1\n/proc/net/tcp6: sl\n"
    assert _several("@@tcp,@tcp6,@udp", content) == {
        "tcp": (b" sl\n 0: 0:1\n", True, False),
        "tcp6": (b" sl\n", True, False),
        "udp": (b"", False, False),
    }


def test_the_parts_of_one_command_may_be_told_by_their_paths() -> None:
    content = "/etc/os-release:ID=x\n/usr/lib/os-release:ID=y\n/proc/stat:btime 1\n/proc/1/stat:/etc/issue:x\n"
    assert _several("@release=/etc/*|/usr/lib/*,tables=/proc/stat,@first=/proc/1/*,last=/sys/*", content) == {
        "release": (b"/etc/os-release:ID=x\n/usr/lib/os-release:ID=y\n", True, False),
        "tables": (b"/proc/stat:btime 1\n", True, False),
        "first": (b"/etc/issue:x\n", True, False),
        "last": (b"", False, False),
    }


def test_what_is_cut_off_among_several_parts_is_the_last() -> None:
    assert _several("@stat,status,limits", "/proc/1/stat:1\n/proc/1/status:Na", end="end") == {
        "stat": (b"/proc/1/stat:1\n", True, False),
        "status": (b"/proc/1/status:Na", False, True),
    }
