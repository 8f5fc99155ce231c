"""Bringing file contents from a host into the content store, and keeping secrets out of it.

One tar stream for all files that are not known yet. A file that no package shipped is examined while it arrives, and a
file that holds a secret never touches the disk: small ones are judged whole in memory; of large ones each window is
judged before it is written, with a tail held back, so that no secret is cut in two.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from containerize.content import ContentStore
from containerize.survey.framing import PREAMBLE
from containerize.tar_read import HostileStream, Incoming, read_files
from inventory.transports.transport import Transport

WHOLE = 4 << 20
"""Files up to this size are examined in one piece (and can be read for what they mention)."""

WINDOW = 4 << 20
HELD_BACK = 64 << 10
"""Longer than any key block or line that gives a secret away."""

GROWN = 64 << 20
"""A log may have grown by this much since it was listed; what is longer is not read at all."""

SecretScan = Callable[[str, bytes], str | None]
"""(path, content) -> why it holds a secret, or None."""

Understand = Callable[[str, bytes], None]
"""Called with the content of each examined file up to WHOLE, secret or not; must not keep it."""


class Progress(Protocol):
    """Told about each file that arrived."""

    def __call__(self, files: int, size: int, /) -> None:
        """``files`` more files and ``size`` more bytes are here."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch. ``examine``: look for secrets, and show the content to Understand. ``md5`` is what its package
    says of it, for a file that is taken unexamined because it is as its package shipped it.
    """

    path: str
    digest: str
    size: int
    examine: bool
    md5: str = ""


@dataclass
class Received:
    """What became of the files: ``secrets`` maps paths to why they stay outside, ``missing`` to why they are not here.
    ``fetched`` counts the bytes that were sent.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    fetched: int = 0


VANISHED = "vanished, or could not be read, while it was copied"
CHANGING = "was changing while it was copied"


def fetch(
    transport: Transport,
    wanted: Sequence[Wanted],
    store: ContentStore,
    *,
    scan: SecretScan,
    understand: Understand = lambda _path, _content: None,
    progress: Progress = lambda _files, _size: None,
    bytes_per_second: int = 0,
) -> Received:
    """Make every wanted content known to ``store``; what cannot be is named in the result."""
    received = Received()
    send: list[Wanted] = []
    sent_digests: set[str] = set()
    for file in wanted:
        if file.digest in store:
            if file.examine:
                _examine_known(file, store, scan, understand, received)
            progress(1, 0)
        elif file.examine:
            send.append(file)
        elif file.digest not in sent_digests:
            sent_digests.add(file.digest)
            send.append(file)
    left = {file.path: file for file in send}
    if left:
        _receive(transport, left, store, scan, understand, received, progress, bytes_per_second)
    for path in left:
        received.missing.setdefault(path, VANISHED)
    # A file that shares its content with one that did not arrive is no better off.
    for file in wanted:
        if file.path not in received.secrets and file.digest not in store:
            received.missing.setdefault(file.path, VANISHED)
    return received


def _examine_known(
    file: Wanted, store: ContentStore, scan: SecretScan, understand: Understand, received: Received
) -> None:
    if file.size > WHOLE:
        return
    content = store.read(file.digest)
    understand(file.path, content)
    if why := scan(file.path, content):
        received.secrets[file.path] = why


def _receive(
    transport: Transport,
    left: dict[str, Wanted],
    store: ContentStore,
    scan: SecretScan,
    understand: Understand,
    received: Received,
    progress: Progress,
    bytes_per_second: int,
) -> None:
    command, stdin = tar_command(transport, left)
    with transport.stream(command, stdin) as source:
        for incoming in read_files(Throttled(source, bytes_per_second) if bytes_per_second else source):
            path = "/" + incoming.name.decode("utf-8", "surrogateescape")
            # Only what was asked for, and once: anything else is read over.
            file = left.pop(path, None)
            if file is None:
                continue
            received.fetched += incoming.size
            if incoming.size != file.size:
                if incoming.size > 2 * file.size + GROWN:
                    raise HostileStream(f"the host sent {incoming.size} bytes for a file of {file.size} bytes")
                received.missing[path] = CHANGING
                continue
            _take(incoming, file, store, scan, understand, received)
            progress(1, incoming.size)


def _take(
    incoming: Incoming, file: Wanted, store: ContentStore, scan: SecretScan, understand: Understand, received: Received
) -> None:
    if file.examine and incoming.size <= WHOLE:
        content = b"".join(incoming.chunks())
        if hashlib.sha256(content).hexdigest() != file.digest:
            received.missing[file.path] = CHANGING
            return
        understand(file.path, content)
        if why := scan(file.path, content):
            received.secrets[file.path] = why
        else:
            store.put(content)
        return
    with store.receive() as blob:
        seen = hashlib.sha256()
        shipped = hashlib.md5(usedforsecurity=False)
        held = b""
        for chunk in incoming.chunks(WINDOW):
            seen.update(chunk)
            if not file.examine:
                shipped.update(chunk)
                blob.write(chunk)
                continue
            window = held + chunk
            if why := scan(file.path, window):
                received.secrets[file.path] = why
                return
            blob.write(window[:-HELD_BACK])
            held = window[-HELD_BACK:]
        blob.write(held)
        if seen.hexdigest() == file.digest and file.md5 in ("", shipped.hexdigest()):
            blob.keep(file.digest)
        else:
            received.missing[file.path] = CHANGING


def tar_command(transport: Transport, paths: Iterable[str]) -> tuple[str, bytes]:
    """The shell text that sends files as tar, and the list of names for its standard input.

    GNU tar reads the names itself; others get them from xargs, which makes an archive of each. Names start with
    ``./`` so that none can be an option. The status of tar is ignored: a file that vanished is noticed by its absence.
    """
    names = [b"." + path.encode("utf-8", "surrogateescape") for path in paths]
    gnu = b"GNU tar" in transport.run(f"{PREAMBLE}tar --version 2>/dev/null", timeout=30).stdout
    # A second name of a file must come as a file: alone in its archive, where tar cannot be told to.
    whole = "tar --null --no-recursion --hard-dereference --format=gnu -C / -T - -cf -"
    command = whole if gnu else "xargs -0 -n 1 tar -C / -cf -"
    return f"{PREAMBLE}low {command} 2>/dev/null || true", b"\0".join(names) + b"\0"


class Throttled:
    """Reads no faster than ``bytes_per_second``; the host's side is slowed by the full pipe."""

    def __init__(self, source: BinaryIO, bytes_per_second: int) -> None:
        self._source = source
        self._rate = bytes_per_second
        self._began = time.monotonic()
        self._read = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, after a pause when the last ones came too early."""
        chunk = self._source.read(min(size, max(self._rate // 4, 4096)))
        self._read += len(chunk)
        early = self._read / self._rate - (time.monotonic() - self._began)
        if early > 0:
            time.sleep(early)
        return chunk
