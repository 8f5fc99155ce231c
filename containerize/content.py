"""The content-addressed store: every distinct file content once, known by its sha256, shared by all hosts.

A blob gets its name only after all of it has arrived and its hash was found to be what was announced; what is
interrupted leaves a file under ``tmp/`` that nobody takes for content. What may come in is decided by the caller
(:mod:`containerize.transfer` keeps secrets out).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from inventory.errors import BrownfieldError, WorkspaceError

CHUNK = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


class ContentMismatch(BrownfieldError):
    """Bytes do not have the hash they were announced with, or a blob of the store was damaged."""


class ContentStore:
    """Blobs under ``root/sha256/ab/abcd…``, mode 0600."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, digest: str) -> Path:
        """Where the blob with this digest is, or would be."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a sha256")
        return self._root / "sha256" / digest[:2] / digest

    def __contains__(self, digest: str) -> bool:
        return self.path(digest).exists()

    def size(self, digest: str) -> int:
        """The size of a blob in bytes."""
        return self.path(digest).stat().st_size

    def read(self, digest: str) -> bytes:
        """A whole blob. For small ones; raises ContentMismatch when it was damaged on disk."""
        return b"".join(self.chunks(digest))

    def chunks(self, digest: str) -> Iterator[bytes]:
        """A blob piece by piece, checked while it is read; raises ContentMismatch at the end when it was damaged."""
        seen = hashlib.sha256()
        try:
            with self.path(digest).open("rb") as blob:
                while chunk := blob.read(CHUNK):
                    seen.update(chunk)
                    yield chunk
        except FileNotFoundError:
            raise ContentMismatch(f"content {digest[:12]} is missing from the workspace; build again") from None
        if seen.hexdigest() != digest:
            with contextlib.suppress(OSError):
                self.path(digest).unlink()
            raise ContentMismatch(f"content {digest[:12]} in the workspace was damaged and is removed; build again")

    def put(self, data: bytes) -> str:
        """Store ``data`` and return its digest."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self:
            with self.receive() as blob:
                blob.write(data)
                blob.keep(digest)
        return digest

    @contextlib.contextmanager
    def receive(self) -> Iterator[Incoming]:
        """A new blob; it stays only when :meth:`Incoming.keep` was called. Raises WorkspaceError on a full disk."""
        with writing(self._root):
            temporary = self._root / "tmp"
            temporary.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(dir=temporary)
        incoming = Incoming(self, Path(name), os.fdopen(handle, "wb"))
        try:
            yield incoming
        finally:
            incoming.close()


class Incoming:
    """A blob on its way in."""

    def __init__(self, store: ContentStore, temporary: Path, file: BinaryIO) -> None:
        self._store = store
        self._temporary = temporary
        self._file = file
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Take ``data``; raises WorkspaceError when the disk is full."""
        self._hash.update(data)
        with writing(self._temporary):
            self._file.write(data)

    def keep(self, digest: str) -> None:
        """Give the blob its name; raises ContentMismatch when its content is not what ``digest`` says."""
        if self._hash.hexdigest() != digest:
            raise ContentMismatch(f"content announced as {digest[:12]} arrived as {self._hash.hexdigest()[:12]}")
        target = self._store.path(digest)
        with writing(target):
            self._file.close()
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._temporary.rename(target)

    def close(self) -> None:
        """Remove what was not kept."""
        with contextlib.suppress(OSError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a full disk or a missing permission into the sentence for it."""
    try:
        yield
    except OSError as error:
        raise WorkspaceError(
            f"{path} cannot be written: {error.strerror or error}; make room and build again"
        ) from error
