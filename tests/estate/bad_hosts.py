"""Hosts that cannot be inventoried, as context managers that yield a loopback address and port. No root needed."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

Address = tuple[str, int]


@contextlib.contextmanager
def silent_host(address: str = "127.0.0.1") -> Iterator[Address]:
    """Accepts connections and never says a word: a hung sshd, or a firewall that answers for a host that is off."""
    connections: list[socket.socket] = []
    with socket.create_server((address, 0), backlog=256) as listener:
        port = listener.getsockname()[1]

        def accept() -> None:
            with contextlib.suppress(OSError):  # the listener was shut down
                while True:
                    connections.append(listener.accept()[0])

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield address, port
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for connection in connections:
                connection.close()


@contextlib.contextmanager
def refusing_host(address: str = "127.0.0.1") -> Iterator[Address]:
    """Refuses connections: a host without sshd."""
    # Bound but not listening: nobody else can get the port meanwhile, and the kernel refuses for us.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as bound:
        bound.bind((address, 0))
        yield address, bound.getsockname()[1]
