"""Input and output of a command that an engine runs, over one connection."""

from __future__ import annotations

import io
import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, cast

from containerize.runtimes.bounded_command import OUTPUT_LIMIT

_STDERR = 2


def converse(stream: Any, stdin: bytes | BinaryIO | None, timeout: float) -> tuple[bytes, bytes]:
    """Feed a command and collect (stdout, stderr). ``stream`` is what the SDK's ``exec_start(socket=True)`` returns.

    Each piece of output has a head of 8 bytes: which output, three zeros, the length. Raises TimeoutError, and
    whatever reading ``stdin`` raises.
    """
    # The SDK hands out a file that only reads; the socket is below it.
    connection = cast(socket.socket, getattr(stream, "_sock", stream))
    incoming = _Incoming(connection, _came_with_the_head(stream, connection), time.monotonic() + timeout)
    connection.settimeout(None)
    failure: list[BaseException] = []
    if stdin is not None:
        threading.Thread(target=_feed, args=(connection, stdin, failure), name="feed", daemon=True).start()
    outputs = {1: bytearray(), _STDERR: bytearray()}
    while head := incoming.exactly(8):
        kept = outputs[_STDERR if head[0] == _STDERR else 1]
        left = int.from_bytes(head[4:], "big")
        while left and (piece := incoming.exactly(min(left, 1 << 16))):
            left -= len(piece)
            kept += piece[: max(0, OUTPUT_LIMIT - len(kept))]
    if failure:
        raise failure[0]
    return bytes(outputs[1]), bytes(outputs[_STDERR])


def _feed(connection: socket.socket, stdin: bytes | BinaryIO, failure: list[BaseException]) -> None:
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            if isinstance(stdin, bytes):
                connection.sendall(stdin)
            else:
                while chunk := stdin.read(1 << 16):
                    connection.sendall(chunk)
            connection.shutdown(socket.SHUT_WR)
    except BaseException as error:
        # A stream that breaks off must not look like one that ended: the command would take half for the whole.
        failure.append(error)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _came_with_the_head(stream: Any, connection: socket.socket) -> bytes:
    """Output that the HTTP client read beyond the head of the response: from a quick command on a busy machine."""
    raw = getattr(getattr(stream, "_response", None), "raw", None)
    buffered = getattr(getattr(raw, "_fp", None), "fp", None)
    if not isinstance(buffered, io.BufferedReader):
        return b""
    # With an empty buffer it would read, and wait for what may never come.
    connection.settimeout(0)
    try:
        return buffered.peek()
    except OSError:  # TLS says so when nothing is there
        return b""


class _Incoming:
    """The engine's output: ``early`` first, then data from the connection until ``deadline``."""

    def __init__(self, connection: socket.socket, early: bytes, deadline: float) -> None:
        self._connection = connection
        self._early = early
        self._deadline = deadline

    def exactly(self, size: int) -> bytes:
        """``size`` bytes, or b"" when the stream ended before them. Raises TimeoutError."""
        data = bytearray(self._early[:size])
        self._early = self._early[size:]
        while len(data) < size:
            self._wait()
            piece = self._connection.recv(size - len(data))
            if not piece:
                return b""
            data += piece
        return bytes(data)

    def _wait(self) -> None:
        """Until there is something to read. A time-out on the socket would hold for the feeder too."""
        # TLS takes a record at a time from the socket and hands it out in pieces; select sees the socket alone.
        if isinstance(self._connection, ssl.SSLSocket) and self._connection.pending():
            return
        left = self._deadline - time.monotonic()
        if left <= 0 or not select.select([self._connection], [], [], left)[0]:
            raise TimeoutError
