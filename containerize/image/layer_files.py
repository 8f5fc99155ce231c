"""Layers on disk: written once, stored by digest, and found again by their input.

The bytes of a layer follow from its members, libzstd and COMPRESSION_LEVEL alone. What is interrupted leaves a file
under a temporary name that is not taken for a layer.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import zstandard

from containerize.content_store import ContentStore, writing
from containerize.plan.model import PlannedFile
from containerize.tar.writer import TarMember, TarWriter
from containerize.transfer.background_calls import Background

COMPRESSION_LEVEL = 3
"""Level 6 takes three times the time of this for six hundredths less to push and store."""

WORKERS = max(1, min(4, os.cpu_count() or 1))
"""Threads that compress. libzstd gives the same bytes for any number of them but none at all."""

_BUFFER = 1 << 20
_AHEAD = 2 * _BUFFER


@dataclass(frozen=True, slots=True)
class ImageBlob:
    """A file of ``blobs/sha256``. ``diff_id`` is the digest of a layer before compression, "" for other blobs."""

    digest: str
    size: int
    diff_id: str = ""
    uncompressed: int = 0


def write_layer(files: Iterable[PlannedFile], content: ContentStore, folder: Path) -> ImageBlob:
    """The layer of these files, which are in the order of its archive, in the folder of layers.

    Raises WorkspaceError (no space), ContentMismatch (damaged store), TarError (a path that must not be written).
    """
    rows = tuple(files)
    recipe = _recipe(rows)
    with _made_once(folder, recipe):
        return _known_layer(folder, recipe) or _new_layer(rows, content, folder, recipe)


def _new_layer(rows: tuple[PlannedFile, ...], content: ContentStore, folder: Path, recipe: str) -> ImageBlob:
    with _temporary_file(folder) as (temporary, handle), Background("layer", _AHEAD) as beside:
        sink = _LayerSink(handle, temporary, beside)
        tar = TarWriter(sink)
        for file in rows:
            member = TarMember(
                file.path, file.kind, file.mode, file.uid, file.gid, file.mtime, file.size, file.link, file.xattrs
            )
            tar.add(member, content.chunks(file.digest) if file.kind == "file" else ())
        tar.finish()
        blob = sink.finish()
        with writing(temporary):
            if not (folder / blob.digest).exists():
                temporary.chmod(0o600)
                temporary.rename(folder / blob.digest)
            (folder / f"{recipe}.json").write_text(json.dumps(dataclasses.asdict(blob)))
    return blob


class _LayerFolder:
    """The builds of this process that work on one folder of layers."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.users = 0
        self.made: set[str] = set()


_FOLDERS: dict[Path, _LayerFolder] = {}
_LOCK = threading.Lock()


def _layer_folder(folder: Path) -> _LayerFolder:
    with _LOCK:
        return _FOLDERS.setdefault(folder.absolute(), _LayerFolder())


@contextlib.contextmanager
def _made_once(folder: Path, recipe: str) -> Iterator[None]:
    """Wait while another build makes the same layer: the services of a host share their base."""
    here = _layer_folder(folder)
    with here.changed:
        here.changed.wait_for(lambda: recipe not in here.made)
        here.made.add(recipe)
    try:
        yield
    finally:
        with here.changed:
            here.made.discard(recipe)
            here.changed.notify_all()


@contextlib.contextmanager
def layers_in_use(folder: Path) -> Iterator[None]:
    """Keep the layers of a folder while an image is put together; the last build that ends removes unused ones.

    A layer is unused too between being written and being linked, so none is removed while another build goes on.
    """
    here = _layer_folder(folder)
    with here.changed:
        here.users += 1
    try:
        yield
    finally:
        with here.changed:
            here.users -= 1
            if not here.users and folder.is_dir():
                _forget_unused(folder)


def _forget_unused(folder: Path) -> None:
    """Remove layers that no layout links to any more (those of builds that were replaced), and what is said of them."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError, ValueError, KeyError):
            if path.suffix == ".json":
                if not (folder / json.loads(path.read_text())["digest"]).exists():
                    path.unlink()
            elif path.stat().st_nlink == 1:
                path.unlink()


def _recipe(files: Iterable[PlannedFile]) -> str:
    """A hash of everything that decides the bytes of a layer: its members but for their reasons, and the compressor."""
    seen = hashlib.sha256(repr((COMPRESSION_LEVEL, zstandard.__version__, zstandard.ZSTD_VERSION)).encode())
    for file in files:
        row = (
            file.path,
            file.kind,
            file.mode,
            file.uid,
            file.gid,
            file.mtime,
            file.size,
            file.digest,
            file.link,
            file.xattrs,
        )
        seen.update(repr(row).encode("utf-8", "backslashreplace"))
    return seen.hexdigest()


def _known_layer(folder: Path, recipe: str) -> ImageBlob | None:
    """A layer that was made from the same members before; the services of a host share their base."""
    try:
        blob = ImageBlob(**json.loads((folder / f"{recipe}.json").read_text()))
        with (folder / blob.digest).open("rb") as packed:
            whole = hashlib.file_digest(packed, "sha256").hexdigest() == blob.digest
    except (OSError, ValueError, TypeError):
        return None
    if not whole:
        # What comes under this digest now is written anew, and not taken for the damaged one.
        with contextlib.suppress(OSError):
            (folder / blob.digest).unlink()
        return None
    return blob


@contextlib.contextmanager
def _temporary_file(folder: Path) -> Iterator[tuple[Path, int]]:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".layer-")
    try:
        yield Path(name), handle
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


class _LayerSink:
    """Hashes what comes in, compresses it, hashes and writes what comes out, in parallel with the reader."""

    def __init__(self, handle: int, path: Path, beside: Background) -> None:
        self._handle = handle
        self._path = path
        self._plain = hashlib.sha256()
        self._packed = hashlib.sha256()
        self._sizes = [0, 0]
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, threads=WORKERS).compressobj()
        self._beside = beside

    def write(self, data: bytes) -> None:
        """Headers and small files are put together: a call for each would cost more than its bytes."""
        self._pending.append(data)
        self._pending_size += len(data)
        if self._pending_size >= _BUFFER:
            self._flush()

    def finish(self) -> ImageBlob:
        self._flush()
        self._beside.finish()
        self._out(self._compressor.flush())
        return ImageBlob(self._packed.hexdigest(), self._sizes[1], self._plain.hexdigest(), self._sizes[0])

    def _flush(self) -> None:
        self._beside.call(self._pending_size, self._feed, b"".join(self._pending))
        self._pending.clear()
        self._pending_size = 0

    def _feed(self, data: bytes) -> None:
        self._sizes[0] += len(data)
        self._plain.update(data)
        self._out(self._compressor.compress(data))

    def _out(self, data: bytes) -> None:
        if not data:
            return
        self._packed.update(data)
        self._sizes[1] += len(data)
        with writing(self._path):
            view = memoryview(data)
            while view:
                view = view[os.write(self._handle, view) :]
