"""Directories of data, with owner and mode."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.directories import Directory
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.files.directories import SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

ROOTS = "bf_find_roots /var/lib /srv /opt /var/opt /var/www /usr/local /var/spool /var/cache /home /data /u01"


def directories(recording: SectionRecording) -> dict[str, Directory]:
    return {directory.path: directory for directory in found(SECTION, recording)}


def test_directories_of_a_host() -> None:
    value = directories(recorded("web01", "directories"))

    assert value["/var/lib/app/uploads"].uid == 33
    assert value["/var/www"].mode == 0o755
    assert "/" not in value
    assert list(value) == sorted(value)


def test_what_an_ordinary_user_may_not_enter_is_a_gap() -> None:
    observation = SECTION.observe(recorded("app01-user", "directories"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.reason for gap in observation.gaps] == ["permission denied; scan with become"]


def test_every_bit_of_a_mode() -> None:
    rows = {
        "drwxr-xr-x": 0o755,
        "drwxrwxrwt": 0o1777,
        "drwxrws--T": 0o3770,
        "drwsr-Sr--": 0o6744,
        "d---------": 0,
        "drwxr-x---+": 0o750,
        "drwx------.": 0o700,
    }
    for bits, mode in rows.items():
        row = f"{bits} 2 1000 1001 4096 Nov 24  2026 /srv/a b\n".encode()
        (directory,) = directories(answer("directories", list=row)).values()
        assert (directory.mode, directory.uid, directory.gid, directory.path) == (mode, 1000, 1001, "/srv/a b")


def test_a_tree_is_walked_three_levels_deep(tmp_path: Path) -> None:
    """Odd names do no harm, links and files are no directories, another file system is not entered."""
    for name in ("a/b/c/d", "with space", "new\nline/below", "-dash", "uml\u00e4ut"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "a").chmod(0o2710)
    for shell in filter(lambda words: shutil.which(words[0]), (["sh", "-s"], ["ksh", "-s"], ["busybox", "sh", "-s"])):
        value = directories(ask(SECTION, shell=shell, change={ROOTS: f"bf_roots={tmp_path}"})["directories"])
        mine = [path.removeprefix(str(tmp_path)) for path in value]

        assert mine == ["", "/-dash", "/a", "/a/b", "/a/b/c", "/uml\u00e4ut", "/with space"]
        assert value[f"{tmp_path}/a"].mode == 0o2710
        assert value[f"{tmp_path}/a"].uid == os.getuid()


def test_without_an_answer_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("directories", list=b""), Platform.POSIX), Unknown)


def test_what_is_no_directory_is_an_error() -> None:
    with pytest.raises(ParseError, match="list:1"):
        parse(answer("directories", list=b"-rw-r--r-- 1 0 0 1 Nov 24 2026 /srv/file\n"))


@given(st.one_of(st.binary(max_size=80), st.text("\ndrwx- 01/s", max_size=60).map(str.encode)))
def test_nothing_but_a_parse_error_comes_of_rubbish(content: bytes) -> None:
    try:
        parse(answer("directories", list=content))
    except ParseError as error:
        assert str(error)
