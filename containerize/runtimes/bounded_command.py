"""Run a command with bounded output, streamed input and a time limit."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, BinaryIO

from containerize.runtimes.runtime import ExecResult

OUTPUT_LIMIT = 16 << 20


class Tail:
    """The last bytes of a stream, read in its own thread so that the writer is never blocked.

    Kept in memory on purpose: what a service prints may hold what must not reach a disk.
    """

    def __init__(self, stream: IO[bytes], limit: int = 1 << 20) -> None:
        self._kept = bytearray()
        self._limit = limit
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._read, args=(stream,), name="tail", daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError), stream:
            while chunk := stream.read1(65536) if hasattr(stream, "read1") else stream.read(65536):
                with self._lock:
                    self._kept += chunk
                    del self._kept[: -self._limit]

    def last(self, limit: int) -> bytes:
        """The last ``limit`` bytes so far."""
        with self._lock:
            return bytes(self._kept[-limit:])

    def finish(self, seconds: float) -> None:
        """Wait until the stream ended, but not longer than this."""
        self._thread.join(seconds)


class _Head:
    """The first bytes of a stream; the rest is read and dropped."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.kept = bytearray()
        self.thread = threading.Thread(target=self._read, args=(stream,), name="head", daemon=True)
        self.thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError), stream:
            while chunk := stream.read(65536):
                self.kept += chunk[: max(0, OUTPUT_LIMIT - len(self.kept))]


def run_bounded(command: Sequence[str], stdin: bytes | BinaryIO, timeout: float) -> ExecResult:
    """Run a command; raises subprocess.TimeoutExpired (the command is killed) and whatever reading ``stdin`` raises."""
    source = subprocess.PIPE if not isinstance(stdin, bytes) or stdin else subprocess.DEVNULL
    with subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None  # noqa: S101 - for the type checker
        out, err = _Head(process.stdout), _Head(process.stderr)
        failure: list[BaseException] = []
        feeder = threading.Thread(target=_feed, args=(process, stdin, failure), name="feed", daemon=True)
        feeder.start()
        try:
            process.wait(timeout)
        finally:
            if process.poll() is None:
                process.kill()
        feeder.join(5)
        out.thread.join(5)
        err.thread.join(5)
        if failure:
            raise failure[0]
        return ExecResult(process.returncode, bytes(out.kept), bytes(err.kept))


def _feed(process: subprocess.Popen[bytes], stdin: bytes | BinaryIO, failure: list[BaseException]) -> None:
    if process.stdin is None:
        return
    try:
        with suppress(BrokenPipeError), process.stdin:
            if isinstance(stdin, bytes):
                process.stdin.write(stdin)
            else:
                shutil.copyfileobj(stdin, process.stdin, 1 << 16)
    except BaseException as error:
        # A stream that breaks off must not look like one that ended: the command would take half for the whole.
        process.kill()
        failure.append(error)
