"""Servers for tests, on loopback: one that says what it is told to, whatever it is asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[Callable[[], socket.socket]]:
    """Serve each connection with a function; yields a function that connects."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    def serve(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            answer(connection)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield lambda: socket.create_connection(("127.0.0.1", port), timeout=5)
    finally:
        listener.close()


def saying(*parts: bytes, asked: bool = True) -> Callable[[socket.socket], None]:
    """Say each part; with ``asked``, wait for something to be said before each."""

    def answer(connection: socket.socket) -> None:
        for part in parts:
            if asked and not connection.recv(65536):
                return
            connection.sendall(part)

    return answer
