"""Disk storage of a pilot without an engine: unpacked images, overlays, volumes.

Below ``/var/lib/brownfield/pilots/<pilot>``, open to root alone, removed with the pilot. Never secrets: those are in
:mod:`containerize.runtimes.pilot_memory`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from containerize.runtimes.pilot_memory import PilotMemory
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.rootfs import unmount_below
from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.launch import limits_at, unpack_tar
from containerize.sandbox.removal import remove_tree

PILOTS = Path("/var/lib/brownfield/pilots")


def room() -> int:
    """Bytes that may be written there."""
    return limits_at(next(path for path in (PILOTS, *PILOTS.parents) if path.is_dir())).size


class PilotStorage:
    """The directory of one pilot. Made when it is first used. Needs root."""

    def __init__(self, pilot: PilotId, runtime: str) -> None:
        self._pilot = pilot
        self._runtime = runtime
        self.path = PILOTS / pilot.id

    def directory(self, *names: str) -> Path:
        """A directory below it; its parents are made, it is not."""
        PilotMemory(
            self._pilot, self._runtime
        ).prepare()  # says whose it is, so that a later run finds what is left of this one
        path = self.path.joinpath(*names)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise RuntimeFailed(
                f"cannot write to {self.path} ({error.strerror}); images and volumes of a pilot lie there"
            ) from None
        return path

    def volume(self, name: str) -> Path:
        """The directory of a volume."""
        return self.path / "volumes" / name

    def create_volume(self, name: str, uid: int, gid: int, mode: int) -> None:
        """An empty one."""
        path = self.directory("volumes", name)
        path.mkdir(mode=0o700)
        os.chown(path, uid, gid)
        path.chmod(mode)

    def fill_volume(self, name: str, tar: BinaryIO, most: int | None) -> Mapping[str, int]:
        """Unpack an uncompressed tar of at most ``most`` bytes into it; what was left out, see Runtime."""
        return unpack_tar(tar, self.volume(name), limits_at(self.volume(name), most))

    def remove(self) -> None:
        """Remove all of it. Safe to call twice."""
        if self.path.is_dir():
            unmount_below(self.path)
            with suppress(OSError):
                remove_tree(self.path)
        for path in (PILOTS, PILOTS.parent):
            with suppress(OSError):
                path.rmdir()
