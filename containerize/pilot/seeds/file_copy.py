"""A plain copy of the files while the service runs."""

from __future__ import annotations

import shlex
from typing import BinaryIO, cast

from containerize.host.supervised_command import watched
from containerize.pilot.seeds.seeding import Bounded, Seed, Seeded, Seeding
from containerize.sandbox.admission import LEFT_OUT

# GNU tar ends with 1 when a file changed while it was read: that is the nature of a running service. Sockets are not
# files; other file systems mounted below (a backup on NFS) are not this service's data.
# An account of the host may have put a link in place of the directory, or above it, since it was listed.
_COMMAND = """cd -P {path} && [ "$PWD" = {path} ] || exit 9
if tar --version 2>/dev/null | grep -q GNU; then
  tar --create --file=- --one-file-system --xattrs --acls --format=pax . 2>/dev/null
  [ $? -le 1 ]
else
  tar -cf - . 2>/dev/null
fi"""


def copying(path: str) -> str:
    """Shell text that writes a directory as a tar."""
    return _COMMAND.format(path=shlex.quote(path))


def seed(seeding: Seeding) -> Seeded:
    """See the module."""
    most = seeding.most()
    with seeding.live.transport.stream(watched(copying(seeding.volume.path))) as stream:
        bounded = Bounded(stream, 2 * most, seeding)
        left_out = seeding.runtime.fill_volume(seeding.pilot, seeding.name, cast(BinaryIO, bounded), most=most)
    without = ", ".join(f"{count:,} {LEFT_OUT[name]}" for name, count in left_out.items())
    words = f"{seeding.volume.path} copied as a tar of {_size(bounded.size)}"
    return Seeded(f"{words}, without {without}" if without else words)


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


SEED = Seed("copy", seed)
