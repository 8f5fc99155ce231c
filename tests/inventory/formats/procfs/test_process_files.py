"""Contents of files of processes: what a process puts into its arguments stays its own."""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.procfs.process_files import contents, records, rewritten, whole_lines
from inventory.recording import Part
from inventory.section import ParseError

CONTENTS = st.dictionaries(st.integers(1, 4_194_304), st.binary(min_size=1, max_size=60), max_size=6)


def grepped(contents: dict[int, bytes]) -> bytes:
    """What ``grep -aH ''`` prints of these files."""
    lines = []
    for pid, content in contents.items():
        pieces = content.removesuffix(b"\n").split(b"\n")
        lines += [b"/proc/%d/cmdline:%s\n" % (pid, piece) for piece in pieces]
    return b"".join(lines)


@given(CONTENTS)
def test_every_content_comes_back(contents: dict[int, bytes]) -> None:
    """Newlines, NULs and forged prefixes included; only a newline at the very end is lost."""
    found = records(Part("cmdline", grepped(contents)), "cmdline")

    assert {pid: record.content for pid, record in found.items()} == {
        pid: content.removesuffix(b"\n") for pid, content in contents.items()
    }


@given(CONTENTS)
def test_line_numbers_point_at_the_first_line(contents: dict[int, bytes]) -> None:
    part = Part("cmdline", grepped(contents))
    lines = part.content.split(b"\n")

    for pid, record in records(part, "cmdline").items():
        assert lines[record.line - 1] == b"/proc/%d/cmdline:%s" % (pid, record.content.split(b"\n")[0])


@given(st.binary(max_size=200))
def test_only_parse_errors_are_raised(content: bytes) -> None:
    with contextlib.suppress(ParseError):
        records(Part("cmdline", content), "cmdline")


def test_grep_prints_what_is_assumed_here(tmp_path: Path) -> None:
    """The real grep, with NULs and newlines."""
    folder = tmp_path / "proc" / "7"
    folder.mkdir(parents=True)
    (folder / "cmdline").write_bytes(b"a\0b\n/proc/8/cmdline:c\0\n")
    done = subprocess.run(["grep", "-aH", "", str(folder / "cmdline")], capture_output=True, check=True)
    printed = done.stdout.replace(str(tmp_path).encode(), b"")

    assert records(Part("cmdline", printed), "cmdline")[7].content == b"a\0b\n/proc/8/cmdline:c\0"


def test_a_line_without_prefix_is_refused() -> None:
    with pytest.raises(ParseError, match="cmdline:2"):
        records(Part("cmdline", b"/proc/1/cmdline:init\nstray\n"), "cmdline")


def test_a_line_cut_by_the_cap_is_left_out() -> None:
    part = Part("cmdline", b"/proc/1/cmdline:init\n/proc/2/cmd", truncated=True)

    assert list(records(part, "cmdline")) == [1]
    assert whole_lines(part) == [b"/proc/1/cmdline:init"]


def test_contents_are_whole_and_keep_their_prefixes() -> None:
    """A secret may go on over lines; afterwards it has one, and still belongs to its process."""
    part = Part("environ", b"/proc/1/environ:KEY=one\n/proc/1/environ:two\0X=1\n/proc/2/environ:A=b\n")

    said = contents(part, "environ")

    assert said == {1: b"KEY=one\ntwo\0X=1", 2: b"A=b"}
    after = rewritten(part, "environ", said | {1: b"KEY=<hidden>\0X=1"})
    assert after.content == b"/proc/1/environ:KEY=<hidden>\0X=1\n/proc/2/environ:A=b\n"


def _with_prefixes(file: str, content: bytes) -> Part:
    part = Part(file, content)
    return rewritten(part, file, contents(part, file))


def test_headings_of_head_become_prefixes() -> None:
    """The form that is asked for where grep cuts lines at NUL."""
    content = (
        b"==> /proc/1/cmdline <==\ninit\0[2]\0\n==> /proc/2/cmdline <==\n\n==> /proc/30/cmdline <==\nsh\0-c\0a\nb\0"
    )

    after = _with_prefixes("cmdline", content)

    assert after.content == (b"/proc/1/cmdline:init\0[2]\0\n/proc/30/cmdline:sh\0-c\0a\n/proc/30/cmdline:b\0\n")


def test_a_head_that_could_not_open_the_first_file_begins_with_an_empty_line() -> None:
    """As busybox's does, so for every ordinary user: the first process is root's."""
    content = b"\n==> /proc/50/environ <==\nUSER=shop\0\n==> /proc/51/environ <==\nUSER=shop\0HOME=/\0"

    after = _with_prefixes("environ", content)

    assert {pid: record.content for pid, record in records(after, "environ").items()} == {
        50: b"USER=shop\0",
        51: b"USER=shop\0HOME=/\0",
    }


def test_a_forged_heading_costs_only_belief() -> None:
    """What was said of a process in two places is said of none."""
    content = b"==> /proc/1/cmdline <==\ninit\0\n==> /proc/5/cmdline <==\nx\n==> /proc/1/cmdline <==\nevil\0"

    after = _with_prefixes("cmdline", content)

    assert list(records(after, "cmdline")) == [5]
