"""The conversation with a command that an engine runs: its input and its outputs over one connection."""

from __future__ import annotations

import select
import socket
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO, cast

from containerize.runtimes.pipes import OUTPUT_LIMIT

_STDERR = 2


def converse(stream: Any, stdin: bytes | BinaryIO | None, timeout: float) -> tuple[bytes, bytes]:
    """Feed a command and collect (stdout, stderr). ``stream`` is what the SDK's ``exec_start(socket=True)`` returns.

    Each piece of output has a head of 8 bytes: which output, three zeros, the length. Raises TimeoutError, and
    whatever reading ``stdin`` raises.
    """
    # The SDK hands out a file that only reads; the socket is below it.
    connection = cast(socket.socket, getattr(stream, "_sock", stream))
    connection.settimeout(None)
    deadline = time.monotonic() + timeout
    failure: list[BaseException] = []
    if stdin is not None:
        threading.Thread(target=_feed, args=(connection, stdin, failure), name="feed", daemon=True).start()
    outputs = {1: bytearray(), _STDERR: bytearray()}
    while head := _exactly(connection, 8, deadline):
        kept = outputs[_STDERR if head[0] == _STDERR else 1]
        left = int.from_bytes(head[4:], "big")
        while left and (piece := _exactly(connection, min(left, 1 << 16), deadline)):
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


def _exactly(connection: socket.socket, size: int, deadline: float) -> bytes:
    """``size`` bytes, or b"" when the stream ended before them."""
    data = bytearray()
    while len(data) < size:
        left = deadline - time.monotonic()
        # A time-out on the socket would hold for the feeder too, so we wait in select.
        if left <= 0 or not select.select([connection], [], [], left)[0]:
            raise TimeoutError
        piece = connection.recv(size - len(data))
        if not piece:
            return b""
        data += piece
    return bytes(data)
