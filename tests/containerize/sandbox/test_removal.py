"""A tree that a container made is removed however deep it is, and nothing else."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from containerize.sandbox.removal import remove_tree


def _deep(top: Path, levels: int) -> None:
    at = os.open(top, os.O_RDONLY)
    for number in range(levels):
        os.mkdir("d", dir_fd=at)
        os.close(os.open(f"file{number}", os.O_CREAT | os.O_WRONLY, dir_fd=at))
        inner = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)


def test_directories_deeper_than_the_stack_and_the_longest_path_are_removed(tmp_path: Path) -> None:
    memory = Path("/dev/shm")
    top = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else tmp_path))
    _deep(top, 3000)
    remove_tree(top)
    assert not top.exists()


def test_links_are_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_bytes(b"kept")
    top = tmp_path / "top"
    (top / "d").mkdir(parents=True)
    (top / "link").symlink_to(tmp_path / "outside")
    (top / "d/link").symlink_to(tmp_path / "outside")
    os.mkfifo(top / "d/fifo")
    remove_tree(top, keep=True)
    assert list(top.iterdir()) == []
    assert (tmp_path / "outside/kept").read_bytes() == b"kept"


def test_names_of_our_own_that_are_taken_do_not_stop_it(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "d/inner/x").mkdir(parents=True)
    (top / ".removed-0").write_bytes(b"")
    (top / ".removed-1/full").mkdir(parents=True)
    (top / ".removed-2").mkdir()
    (top / ".removed-3").symlink_to("d")
    remove_tree(top)
    assert not top.exists()


def test_a_link_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/kept").write_bytes(b"kept")
    (tmp_path / "link").symlink_to("outside")
    with pytest.raises(OSError):
        remove_tree(tmp_path / "link")
    assert (tmp_path / "outside/kept").exists()
