"""In-memory files of a pilot: secrets, and the files that describe its network.

``/dev/shm/brownfield-<pilot>`` is on a tmpfs, so a secret reaches no disk. The directory is open to its owner alone;
each file is bind-mounted on its own, read-only, with the owner and mode that the service expects. It is removed with
the pilot; what a killed run leaves is removed by the next one, and by a reboot at the latest.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from containerize.runtimes.pilot_owner import NAME_PREFIX, PilotId, is_dead
from containerize.runtimes.runtime import RuntimeFailed

_ROOT = Path("/dev/shm")  # noqa: S108 - the directory below it is made by us, for us alone, and never followed
_OWNER = "owner"
_SECRET = ("files", "bundles")
"""What holds secrets: mounted files, and the environment of containers that no engine keeps."""


class PilotMemory:
    """The directory of one pilot on one runtime. Made when the first file is put into it."""

    def __init__(self, pilot: PilotId, runtime: str) -> None:
        self.pilot = pilot
        self._runtime = runtime
        self.path = _ROOT / pilot.prefix

    def prepare(self) -> Path:
        """Make the directory if it is not there yet."""
        if not self.path.is_dir():
            try:
                self.path.mkdir(mode=0o700)
                (self.path / _OWNER).write_text(f"{self.pilot.owner} {self._runtime}", encoding="ascii")
            except OSError as error:
                raise RuntimeFailed(
                    f"cannot keep secrets in memory at {self.path}: {error.strerror}; a tmpfs at /dev/shm is needed"
                ) from None
        return self.path

    def directory(self, *names: str) -> Path:
        """A directory below it, with its parents."""
        path = self.prepare().joinpath(*names)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path

    def put(self, container: str, name: str, content: bytes, uid: int, gid: int, mode: int) -> Path:
        """A file for a container; its path on this machine."""
        path = self.directory("files", container) / name
        path.unlink(missing_ok=True)  # of a container of this name that was removed
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            if os.geteuid() == 0:
                os.fchown(descriptor, uid, gid)
                os.fchmod(descriptor, mode)
            else:
                # Only root gives files away. No other account reaches it within the directory, so in the container it
                # may be readable by whatever user the service runs as.
                os.fchmod(descriptor, 0o444)
        return path

    def remove(self) -> None:
        """Remove all of it. Safe to call twice."""
        if self.path.is_dir() and not self.path.is_symlink():
            shutil.rmtree(self.path, ignore_errors=True)


def dead_pilots(runtime: str) -> Iterator[PilotId]:
    """The pilots of a runtime that left a directory behind and whose process is dead.

    Of those of other runtimes only the secrets are removed: the directory is what their runtime knows them by.
    """
    for path in sorted(_ROOT.glob(f"{NAME_PREFIX}*")):
        try:
            status = path.lstat()
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
                continue
            owner, _, made_by = (path / _OWNER).read_text(encoding="ascii").partition(" ")
        except (OSError, UnicodeDecodeError):
            continue
        if not is_dead(owner):
            continue
        if made_by == runtime:
            yield PilotId(path.name.removeprefix(NAME_PREFIX), owner)
        else:
            for name in _SECRET:
                shutil.rmtree(path / name, ignore_errors=True)
