"""How much lies in directories of data."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.depth import Depth
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.files.sizes import SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

ROOTS = "`bf_local_roots $bf_wanted /home`"
SHELLS = [words for words in (["sh", "-s"], ["ksh", "-s"], ["busybox", "sh", "-s"]) if shutil.which(words[0])]


def sizes(recording: SectionRecording) -> dict[str, int]:
    return {each.path: each.size_bytes for each in found(SECTION, recording)}


def test_only_a_deep_scan_walks() -> None:
    assert SECTION.depth is Depth.DEEP


def test_sizes_of_a_host() -> None:
    value = sizes(recorded("vm01-root", "sizes"))

    assert value["/var/lib"] >= value["/var/lib/dpkg"] > 1 << 20
    assert "/etc" not in value


@pytest.mark.parametrize("shell", SHELLS, ids=lambda words: words[0])
def test_what_du_says_of_a_tree(shell: list[str], shallow: Path) -> None:
    """Odd names do no harm, and small directories far below are left out."""
    for name, size in (("a/big", 3 << 20), ("a/small", 10), ("new\nline /x", 10), ("with blank", 10)):
        (shallow / name).mkdir(parents=True)
        (shallow / name / "file").write_bytes(b"x" * size)
    value = sizes(ask(SECTION, shell=shell, change={ROOTS: str(shallow)})["sizes"])
    said = subprocess.run(["du", "-skx", shallow / "a/big"], capture_output=True, text=True, check=True).stdout

    assert value[f"{shallow}/a/big"] == int(said.split()[0]) * 1024
    assert f"{shallow}/a/small" not in value


def test_what_may_not_be_entered_is_a_gap() -> None:
    observation = SECTION.observe(recorded("app01-user", "sizes"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert observation.gaps[0].reason == "permission denied; scan with become"


def test_without_an_answer_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("sizes"), Platform.POSIX), Unknown)


@given(st.one_of(st.binary(max_size=80), st.text("\n 01/s", max_size=60).map(str.encode)))
def test_nothing_but_a_parse_error_comes_of_rubbish(content: bytes) -> None:
    try:
        parse(answer("sizes", list=content))
    except ParseError as error:
        assert str(error)
