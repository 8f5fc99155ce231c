"""The content-addressed store: each file content once, named by its sha256, shared by all hosts.

A blob gets its name only after all of it has arrived and its hash was found to be what was announced; what is
interrupted leaves a file under ``tmp/`` that is not taken for content, or, of a large blob, the beginning under
``partial/``, from which it continues the next time. What may come in is decided by the caller
(:mod:`containerize.transfer.content_fetch` keeps secrets out).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from itertools import count
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
        self.root = root
        self._blobs = str(root / "sha256")
        self._folder = str(root / "tmp")
        # Of temporary names: another process may fill the same store.
        self._mark = secrets.token_hex(8)
        self._numbers = count()

    def path(self, digest: str) -> Path:
        """The path of the blob with this digest, present or not."""
        return Path(self.locate(digest))

    def locate(self, digest: str) -> str:
        """The same as text: there is a call for each file of a host, where a Path costs more than the call."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a sha256")
        return f"{self._blobs}/{digest[:2]}/{digest}"

    def __contains__(self, digest: str) -> bool:
        return os.path.exists(self.locate(digest))  # noqa: PTH110 - see locate

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
            with open(self.locate(digest), "rb", buffering=0) as blob:  # noqa: PTH123 - see locate
                # No more than there is: most are small, and room for a chunk would be made and given back for each.
                left = os.fstat(blob.fileno()).st_size
                while left and (chunk := blob.read(min(left, CHUNK))):
                    left -= len(chunk)
                    seen.update(chunk)
                    yield chunk
        except FileNotFoundError:
            raise ContentMismatch(f"content {digest[:12]} is missing from the workspace; build again") from None
        if seen.hexdigest() != digest:
            with contextlib.suppress(OSError):
                self.path(digest).unlink()
            raise ContentMismatch(f"content {digest[:12]} in the workspace was damaged and is removed; build again")

    def beginning(self, digest: str, size: int) -> bytes:
        """The first bytes of a blob, or of one that has not arrived whole; b"" when there are none."""
        for place in (self.path(digest), self._partial(digest)):
            with contextlib.suppress(OSError), place.open("rb") as blob:
                return blob.read(size)
        return b""

    def remove(self, digest: str) -> None:
        """Remove a blob that must not be here."""
        with writing(self.root):
            self.path(digest).unlink(missing_ok=True)

    def put(self, data: bytes, digest: str = "") -> str:
        """Store ``data`` and return its digest, which a caller may give who has just computed it of these bytes."""
        digest = digest or hashlib.sha256(data).hexdigest()
        if digest not in self:
            with writing(self.root):
                handle, name = self._temporary()
                try:
                    try:
                        view = memoryview(data)
                        while view:
                            view = view[os.write(handle, view) :]
                    finally:
                        os.close(handle)
                    self._name(name, digest)
                except BaseException:
                    with contextlib.suppress(OSError):
                        os.unlink(name)  # noqa: PTH108 - see locate
                    raise
        return digest

    def _temporary(self) -> tuple[int, str]:
        """A file that is not taken for content yet, opened for writing, and its name."""
        name = f"{self._folder}/{self._mark}-{next(self._numbers)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            return os.open(name, flags, 0o600), name
        except FileNotFoundError:
            Path(self._folder).mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(name, flags, 0o600), name

    def _name(self, temporary: str | Path, digest: str) -> None:
        """Give a whole file its name."""
        target = self.locate(digest)
        try:
            os.rename(temporary, target)  # noqa: PTH104 - see locate
        except FileNotFoundError:
            self.path(digest).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.rename(temporary, target)  # noqa: PTH104 - see locate

    @contextlib.contextmanager
    def receive(self) -> Iterator[IncomingBlob]:
        """A new blob; it stays only when :meth:`Incoming.keep` was called. Raises WorkspaceError on a full disk."""
        with writing(self.root):
            handle, name = self._temporary()
        incoming = IncomingBlob(self, Path(name), os.fdopen(handle, "wb"))
        try:
            yield incoming
        finally:
            incoming.close()

    def partial(self, digest: str) -> int:
        """The number of bytes of a blob that arrived before its transfer was interrupted; 0 for none."""
        try:
            return self._partial(digest).stat().st_size
        except OSError:
            return 0

    @contextlib.contextmanager
    def resume(self, digest: str, size: int) -> Iterator[IncomingBlob]:
        """A large blob, of which the first ``size`` bytes of what came before are taken again (0: it begins anew).

        What was written stays for the next time when the block is left by an error, unless the disk is full or
        :meth:`Incoming.discard` was called.
        """
        place = self._partial(digest)
        with writing(place):
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Unbuffered: what was written must be there when this process is killed.
            file = os.fdopen(os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+b", buffering=0)
            file.truncate(size)
        incoming = IncomingBlob(self, place, file, stays=True)
        try:
            yield incoming
        finally:
            incoming.close()

    def _partial(self, digest: str) -> Path:
        return self.root / "partial" / self.path(digest).name


class IncomingBlob:
    """A blob on its way in. ``stays``: what was written is not removed when it is not kept."""

    def __init__(self, store: ContentStore, temporary: Path, file: BinaryIO, *, stays: bool = False) -> None:
        self._store = store
        self._temporary = temporary
        self._file = file
        self._stays = stays
        self._hash = hashlib.sha256()

    def before(self) -> Iterator[bytes]:
        """The content from an earlier transfer, in pieces. Read it once and to its end before the rest is written."""
        while chunk := self._file.read(CHUNK):
            self._hash.update(chunk)
            yield chunk

    @property
    def digest(self) -> str:
        """The hash of all that came so far."""
        return self._hash.hexdigest()

    def discard(self) -> None:
        """Keep nothing of it, not even for the next time."""
        self._stays = False

    def write(self, data: bytes) -> None:
        """Take ``data``; raises WorkspaceError when the disk is full."""
        self._hash.update(data)
        view = memoryview(data)
        with writing(self._temporary):
            try:
                while view:
                    view = view[self._file.write(view) :]
            except OSError:
                self.discard()
                raise

    def keep(self, digest: str) -> None:
        """Give the blob its name; raises ContentMismatch when its content is not what ``digest`` says."""
        if self.digest != digest:
            raise ContentMismatch(f"content announced as {digest[:12]} arrived as {self.digest[:12]}")
        with writing(self._temporary):
            self._file.close()
            self._store._name(self._temporary, digest)

    def close(self) -> None:
        """Remove what was not kept, and does not stay for the next time."""
        with contextlib.suppress(OSError):
            self._file.close()
        if not self._stays:
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
