"""File contents from a host on their way into the content store, without secrets.

A file that no package shipped is examined while it arrives, and a file that holds a secret never touches the disk.
Small files, and archives and databases of up to LARGEST bytes, are judged whole in memory. Other large files are judged
window by window before they are written, with a tail held back, so that no secret is cut in two.

Whole files are in the store when a build is killed, and all but the last windows of a large one, unless it is judged
whole.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO, Protocol, Self

from containerize.checksums import fits, hasher
from containerize.content_store import ContentStore
from containerize.content_store import IncomingBlob as Blob
from containerize.tar.reader import HostileStream, Source, read_files
from containerize.transfer.background_calls import Background
from containerize.transfer.content_origins import Origins
from containerize.transfer.transfer_commands import BLOCK, rest_command, tar_command
from inventory.privacy.secrets.file_examination import LARGEST, needs_whole
from inventory.transports.transport import Transport

WHOLE = 4 << 20
"""Files up to this size are examined in one piece (and can be read for what they mention)."""

WINDOW = 4 << 20
HELD_BACK = 64 << 10
"""Longer than any key block or line that gives a secret away."""

_AHEAD = 2 * WINDOW
"""Bytes that have arrived and wait for being hashed and written."""

_TOGETHER = 256 << 10
"""Small files go to the other thread in lots of so many bytes: handing over each would cost more than hashing it."""

_EACH = 4 << 10
"""What a file costs besides its bytes, in as many bytes."""

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
class WantedFile:
    """A file to fetch. ``examine``: look for secrets, and show the content to Understand. ``checksum`` is what its
    package says of it, for a file that is taken unexamined because it is as its package shipped it.
    """

    path: str
    digest: str
    size: int
    examine: bool
    checksum: str = ""


@dataclass
class TransferResult:
    """The results by file: ``secrets`` maps paths to why they stay outside, ``missing`` to why they are not here.
    ``fetched`` counts the bytes that were sent.
    """

    secrets: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    fetched: int = 0


VANISHED = "vanished, or could not be read, while it was copied"
CHANGING = "was changing while it was copied"


@dataclass(frozen=True)
class Examiner:
    """The judgement of file contents as they arrive.

    ``scan`` judges whole files, ``scan_part`` windows of large ones (None: as ``scan`` does). ``judged`` returns
    whether the content of a file, which is in the store, was judged under such a name before. ``understand`` gets each
    examined file up to WHOLE.
    """

    scan: SecretScan
    scan_part: SecretScan | None = None
    judged: Callable[[WantedFile], bool] = lambda _file: False
    understand: Understand = lambda _path, _content: None

    def window(self, path: str, content: bytes) -> str | None:
        """Return why a window of a large file holds a secret, or None."""
        return (self.scan_part or self.scan)(path, content)


@dataclass(frozen=True)
class FileReceiver:
    """Takes files from a host into the store, and records in ``received`` what became of each."""

    transport: Transport
    store: ContentStore
    examiner: Examiner
    progress: Progress
    bytes_per_second: int
    unexamined: frozenset[str]
    origins: Origins
    received: TransferResult = field(default_factory=TransferResult)

    def examine_known(self, file: WantedFile) -> None:
        """Judge a file whose content is in the store already."""
        content = b""
        if file.size <= WHOLE:
            content = self.store.read(file.digest)
            self.examiner.understand(file.path, content)
        # What was judged before may still be a secret under this name.
        if self.examiner.judged(file):
            why = self.examiner.scan(file.path, b"")
        elif file.size <= WHOLE or is_judged_whole(file, self.store.beginning(file.digest, BLOCK)):
            why = self.examiner.scan(file.path, content or self.store.read(file.digest))
        else:
            why = self._judge_known(file)
        if why:
            self.received.secrets[file.path] = why
            if file.digest not in self.unexamined:
                self.store.remove(file.digest)

    def _judge_known(self, file: WantedFile) -> str | None:
        held = b""
        for chunk in self.store.chunks(file.digest):
            held += chunk
            if len(held) >= WINDOW:
                if why := self.examiner.window(file.path, held):
                    return why
                held = held[-HELD_BACK:]
        return self.examiner.window(file.path, held)

    def receive(self, left: dict[str, WantedFile]) -> None:
        """Receive files in one stream; those that arrive are taken out of ``left``."""
        command, stdin = tar_command(self.transport, left)
        with (
            Background("content", _AHEAD) as beside,
            _Lots(beside, self._keep) as lots,
            self.transport.stream(command, stdin) as source,
        ):
            for incoming in read_files(self._throttled(source)):
                path = "/" + incoming.name.decode("utf-8", "surrogateescape")
                # Only what was asked for, and once: anything else is read over.
                file = left.pop(path, None)
                if file is None:
                    continue
                self.received.fetched += incoming.size
                if incoming.size != file.size:
                    if incoming.size > 2 * file.size + GROWN:
                        raise HostileStream(f"the host sent {incoming.size} bytes for a file of {file.size} bytes")
                    self.received.missing[path] = CHANGING
                    continue
                if file.size <= WHOLE:
                    self._take_whole(b"".join(incoming.chunks()), file, lots)
                else:
                    self._take_large(incoming.chunks(WINDOW), file, beside)
                self.progress(1, incoming.size)

    def _take_large(self, chunks: Iterator[bytes], file: WantedFile, beside: Background) -> None:
        first = next(chunks, b"")
        if file.examine and is_judged_whole(file, first):
            content = b"".join((first, *chunks))
            if hashlib.sha256(content).hexdigest() != file.digest:
                self.received.missing[file.path] = CHANGING
            elif why := self.examiner.scan(file.path, content):
                self.received.secrets[file.path] = why
            else:
                self._keep([(file, content)])
            return
        with self.store.resume(file.digest, 0) as blob:
            self._take_windows(chain((first,), chunks), file, blob, beside)

    def receive_rest(self, file: WantedFile) -> None:
        """Resume a large file where an earlier build was interrupted."""
        blocks = min(self.store.partial(file.digest), file.size) // BLOCK
        command, stdin = rest_command(file.path, blocks)
        with (
            self.store.resume(file.digest, blocks * BLOCK) as blob,
            Background("content", _AHEAD) as beside,
            self.transport.stream(command, stdin) as source,
        ):
            self._take_windows(self._rest(source, file.size - blocks * BLOCK), file, blob, beside)
        self.progress(1, file.size)

    def _rest(self, source: BinaryIO, size: int) -> Iterator[bytes]:
        """Up to one byte more than ``size``, which the hash then does not fit."""
        throttled, left = self._throttled(source), size + 1
        while left and (chunk := throttled.read(min(left, WINDOW))):
            left -= len(chunk)
            self.received.fetched += len(chunk)
            yield chunk

    def _take_whole(self, content: bytes, file: WantedFile, lots: _Lots) -> None:
        if file.examine:
            if hashlib.sha256(content).hexdigest() != file.digest:
                self.received.missing[file.path] = CHANGING
                return
            self.examiner.understand(file.path, content)
            if why := self.examiner.scan(file.path, content):
                self.received.secrets[file.path] = why
                return
        lots.add(file, content)

    def _keep(self, lot: Sequence[tuple[WantedFile, bytes]]) -> None:
        """Put whole files into the store that were judged, and others that are what they were announced as."""
        # First: what a killed build leaves in the store must be known as this host's.
        self.origins.add(file.digest for file, _ in lot if file.examine)
        for file, content in lot:
            if file.examine or _as_announced(file, content):
                self.store.put(content, file.digest)
            else:
                self.received.missing[file.path] = CHANGING

    def _take_windows(self, chunks: Iterable[bytes], file: WantedFile, blob: Blob, beside: Background) -> None:
        large = _Large(file, blob, beside)
        try:
            why = self._judge_windows(chunks, file, large)
        finally:
            beside.finish()
        if why:
            self.received.secrets[file.path] = why
            blob.discard()
        elif large.as_announced():
            if file.examine:
                self.origins.add([file.digest])
            blob.keep(file.digest)
        else:
            self.received.missing[file.path] = CHANGING
            blob.discard()

    def _judge_windows(self, chunks: Iterable[bytes], file: WantedFile, large: _Large) -> str | None:
        """Write what is not a secret; why there is one, or None."""
        judged = held = b""
        for chunk in large.before():
            judged = (judged + chunk)[-HELD_BACK:]
        for chunk in chunks:
            if not file.examine:
                large.write(chunk)
                continue
            window = held + chunk
            # What was judged before goes along once, for a secret that begins in it.
            if why := self.examiner.window(file.path, judged + window):
                return why
            judged = b""
            large.write(window[:-HELD_BACK])
            held = window[-HELD_BACK:]
        large.write(held)
        return None

    def _throttled(self, source: BinaryIO) -> Source:
        return Throttled(source, self.bytes_per_second) if self.bytes_per_second else source


def is_judged_whole(file: WantedFile, beginning: bytes) -> bool:
    """Whether a large file is judged whole, in memory."""
    return file.size <= LARGEST and needs_whole(beginning, file.path)


class _Lots:
    """Whole files on their way to the other thread."""

    def __init__(self, beside: Background, keep: Callable[[Sequence[tuple[WantedFile, bytes]]], None]) -> None:
        self._beside = beside
        self._keep = keep
        self._lot: list[tuple[WantedFile, bytes]] = []
        self._size = 0

    def add(self, file: WantedFile, content: bytes) -> None:
        """Have one more kept."""
        self._lot.append((file, content))
        self._size += len(content) + _EACH
        if self._size >= _TOGETHER:
            self._hand_over()

    def _hand_over(self) -> None:
        lot, size, self._lot, self._size = self._lot, self._size, [], 0
        self._beside.call(size, self._keep, lot)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Store what has arrived, also when the connection broke afterwards."""
        self._hand_over()


class _Large:
    """A large file, hashed and written in parallel with the reader."""

    def __init__(self, file: WantedFile, blob: Blob, beside: Background) -> None:
        self._file = file
        self._blob = blob
        self._beside = beside
        # Half of the time of a file without a package would go into an unneeded checksum.
        self._shipped = hasher(file.checksum) if file.checksum else None

    def before(self) -> Iterator[bytes]:
        """The content from an earlier transfer, in pieces; to be read before anything is written."""
        for chunk in self._blob.before():
            if self._shipped:
                self._shipped.update(chunk)
            yield chunk

    def write(self, data: bytes) -> None:
        """Have it written."""
        self._beside.call(len(data), self._write, data)

    def _write(self, data: bytes) -> None:
        self._blob.write(data)
        if self._shipped:
            self._shipped.update(data)

    def as_announced(self) -> bool:
        """Whether what is written by now is the file that was asked for."""
        vouched = self._shipped is None or self._shipped.hexdigest() == self._file.checksum
        return self._blob.digest == self._file.digest and vouched


def _as_announced(file: WantedFile, content: bytes) -> bool:
    """Whether a file that is taken unexamined is the one that was asked for, and as its package vouches for it."""
    return hashlib.sha256(content).hexdigest() == file.digest and (not file.checksum or fits(content, file.checksum))


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
