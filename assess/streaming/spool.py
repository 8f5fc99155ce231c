"""A list of values on disk, written once and read one at a time.

The file has no name, so it is removed when the program ends, however it ends. Its content comes from this process, and
is decoded by its type into plain values.
"""

from __future__ import annotations

import json
import os
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import msgspec
import zstandard

from inventory.errors import WorkspaceError

T = TypeVar("T")

_MOST = 1 << 30
_SMALL = 2048  # bytes under which compressing costs more than it saves
_PLAIN, _PACKED, _TEXT = b"\0", b"\1", b"\2"


class Spool(Generic[T]):
    """Values of one type. ``folder`` contains the file while it is used; raises WorkspaceError when it is full."""

    def __init__(self, kind: Any, folder: Path | None = None) -> None:
        self._kind = kind
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._encoder = msgspec.msgpack.Encoder()
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._decompressor = zstandard.ZstdDecompressor()
        self._file = _unnamed_file(folder)
        self._starts = array("Q")
        self._sizes = array("Q")
        self._end = 0
        self._flushed = 0

    def __len__(self) -> int:
        return len(self._starts)

    def append(self, value: T) -> None:
        """Put a value at the end."""
        self._place(self._written(value))

    def append_packed(self, packed: bytes) -> None:
        """Append a value that is MessagePack under zstd. It comes from elsewhere and may be damaged: reading it raises
        WorkspaceError then.
        """
        self._place(_PACKED + packed)

    def __setitem__(self, index: int, value: T) -> None:
        self._starts[index], self._sizes[index] = self._write(self._written(value))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        start, size = self._starts[index], self._sizes[index]
        if start + size > self._flushed:
            self._flush()
        blob = os.pread(self._file.fileno(), size, start)
        try:
            return self._read(blob[:1], memoryview(blob)[1:])
        except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise WorkspaceError("the stored data of a host is damaged; run: assess reparse") from error

    def __iter__(self) -> Iterator[T]:
        return (self[index] for index in range(len(self)))

    def _read(self, mark: bytes, body: memoryview) -> T:
        if mark == _PLAIN:
            return self._decoder.decode(body)  # type: ignore[no-any-return]
        unpacked = self._decompressor.decompress(body, max_output_size=_MOST)
        if mark == _PACKED:
            return self._decoder.decode(unpacked)  # type: ignore[no-any-return]
        return msgspec.convert(json.loads(unpacked), self._kind)  # type: ignore[no-any-return]

    def _place(self, blob: bytes) -> None:
        start, size = self._write(blob)
        self._starts.append(start)
        self._sizes.append(size)

    def _written(self, value: T) -> bytes:
        try:
            written = self._encoder.encode(value)
        except (UnicodeEncodeError, OverflowError):
            # Bytes of a host that are not UTF-8 are lone surrogates, which JSON can escape. JSON has numbers of any
            # length too, and a host may send one of more than 64 bits.
            text = json.dumps(msgspec.to_builtins(value))
            return _TEXT + self._compressor.compress(text.encode())
        return _PLAIN + written if len(written) < _SMALL else _PACKED + self._compressor.compress(written)

    def _write(self, blob: bytes) -> tuple[int, int]:
        start = self._end
        try:
            self._file.write(blob)
        except OSError as error:
            raise _full(error) from error
        self._end += len(blob)
        return start, len(blob)

    def _flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise _full(error) from error
        self._flushed = self._end


def _unnamed_file(folder: Path | None) -> Any:
    """In ``folder``, or where temporary files are when nothing may be written there."""
    try:
        return tempfile.TemporaryFile(dir=folder)
    except OSError:
        try:
            return tempfile.TemporaryFile()
        except OSError as error:
            raise WorkspaceError(f"no temporary file can be made ({error.strerror}); set TMPDIR to a folder") from error


def _full(error: OSError) -> WorkspaceError:
    return WorkspaceError(
        f"results cannot be stored ({error.strerror}); make room in the folder of the workspace and try again"
    )
