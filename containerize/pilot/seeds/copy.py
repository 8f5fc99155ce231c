"""The files as they are, while the service runs."""

from __future__ import annotations

import shlex
from typing import BinaryIO, cast

from containerize.pilot.seeds.seeding import Seed, Seeded, Seeding
from containerize.survey.watched import watched

# GNU tar ends with 1 when a file changed while it was read: that is the nature of a running service. Sockets are not
# files; other file systems mounted below (a backup on NFS) are not this service's data.
_COMMAND = """cd {path} || exit 9
if tar --version 2>/dev/null | grep -q GNU; then
  tar --create --file=- --one-file-system --xattrs --acls --format=pax . 2>/dev/null
  [ $? -le 1 ]
else
  tar -cf - . 2>/dev/null
fi"""


class Counted:
    """Counts what passes through."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """See BinaryIO."""
        data = self._stream.read(size)
        self.size += len(data)
        return data


def seed(seeding: Seeding) -> Seeded:
    """See the module."""
    seeding.check_space()
    command = _COMMAND.format(path=shlex.quote(seeding.volume.path))
    with seeding.live.transport.stream(watched(command)) as stream:
        counted = Counted(stream)
        seeding.runtime.fill_volume(seeding.pilot, seeding.name, cast(BinaryIO, counted))
    return Seeded(f"{seeding.volume.path} copied as a tar of {_size(counted.size)}")


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


SEED = Seed("copy", seed)
