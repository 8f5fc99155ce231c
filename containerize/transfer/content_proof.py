"""Make a host prove that it has contents whose hashes it reports.

The host hashes a random number followed by the contents, one after another: that takes more than their
sha256. One answer stands for all files of a proof, so it costs the host two programs and one more read of these files.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence

from containerize.content_store import ContentStore
from containerize.host.regular_files import real_files
from containerize.host.supervised_command import watched
from inventory.transports.transport import Transport

_SECONDS = 3600.0


def proves(transport: Transport, files: Sequence[tuple[str, str]], store: ContentStore) -> bool:
    """Whether the host has these (path, sha256) with the contents of ``store``.

    Raises HostError and ContentMismatch.
    """
    challenge = secrets.token_hex(32)
    expected = hashlib.sha256(challenge.encode())
    for _, digest in files:
        for chunk in store.chunks(digest):
            expected.update(chunk)
    names = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path, _ in files)
    command = f"{{ printf %s {challenge}; {real_files()} | low xargs -0 cat 2>/dev/null; }} | sha256sum"
    answer = transport.run(watched(command), names, timeout=_SECONDS, limit=1 << 16).stdout
    return secrets.compare_digest(answer[:64], expected.hexdigest().encode())
