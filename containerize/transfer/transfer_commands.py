"""Commands by which a host sends the contents of files."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from containerize.host.answer_parts import PREAMBLE
from containerize.host.regular_files import real_files
from containerize.host.supervised_command import watched
from inventory.transports.transport import Transport

BLOCK = 64 << 10
"""A large file resumes from a multiple of this many bytes."""


def rest_command(path: str, blocks: int) -> tuple[str, bytes]:
    """The shell text that sends a file from its block ``blocks`` of BLOCK bytes on, and the name for its input."""
    reading = f'[ $# = 0 ] || exec dd if="$1" bs={BLOCK} skip={int(blocks)} 2>/dev/null'
    stdin = path.encode("utf-8", "surrogateescape") + b"\0"
    return watched(f"{real_files()} | low xargs -0 sh -c {shlex.quote(reading)} sh 2>/dev/null || true"), stdin


def tar_command(transport: Transport, paths: Iterable[str]) -> tuple[str, bytes]:
    """The shell text that sends files as tar, and the list of names for its standard input.

    GNU tar reads the names itself; others get them from xargs, which makes an archive of each. Names start with
    ``./`` so that none can be an option. The status of tar is ignored: a file that vanished is noticed by its absence.
    """
    names = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
    gnu = b"GNU tar" in transport.run(f"{PREAMBLE}tar --version 2>/dev/null", timeout=30).stdout
    # A second name of a file must come as a file: alone in its archive, where tar cannot be told to.
    whole = "tar --null --no-recursion --hard-dereference --format=gnu -C / -T - -cf -"
    command = whole if gnu else "xargs -0 -n 1 tar -C / -cf -"
    return watched(f"{real_files('.%s')} | low {command} 2>/dev/null || true"), names
