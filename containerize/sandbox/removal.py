"""Remove a directory with hostile contents."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

_TAKEN = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)
"""How rename(2) says that the new name is in use."""


def remove_tree(directory: Path | bytes, *, keep: bool = False) -> None:
    """Remove a directory and everything below it, or everything below it with ``keep``. Raises OSError.

    Neither recursion nor open descriptors grow with the depth, which a container may make as large as it likes. Links
    are removed, not followed.
    """
    top = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        names = count()
        while inside := _entries(top):
            for name, is_directory in inside:
                if is_directory:
                    _flatten(top, name, names)
                else:
                    os.unlink(name, dir_fd=top)
    finally:
        os.close(top)
    if not keep:
        os.rmdir(directory)  # noqa: PTH106 - may be bytes


def _flatten(top: int, name: str, names: Iterator[int]) -> None:
    """Remove a directory in ``top``; the directories in it move up, to be removed in the next round."""
    inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=top)
    try:
        for each, is_directory in _entries(inner):
            if is_directory:
                _move_up(inner, each, top, names)
            else:
                os.unlink(each, dir_fd=inner)
    finally:
        os.close(inner)
    os.rmdir(name, dir_fd=top)


def _move_up(inner: int, name: str, top: int, names: Iterator[int]) -> None:
    for number in names:
        try:
            os.rename(name, f".removed-{number}", src_dir_fd=inner, dst_dir_fd=top)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
        else:
            return


def _entries(directory: int) -> list[tuple[str, bool]]:
    with os.scandir(directory) as found:
        return [(each.name, each.is_dir(follow_symlinks=False)) for each in found]
