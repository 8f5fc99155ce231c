"""Allowed connections out of a pilot's network, relayed by this process to one address and port each.

Nothing is routed and no rule of this machine changes. A node gets the address on its own loopback, a socket of this
process listens there within the node's network namespace, and each connection is carried on from outside. Every other
port of that address, and every other address, stays as unreachable as before.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path

from containerize.runtimes.network_namespaces import add_loopback_address, inside
from containerize.runtimes.runtime import RuntimeFailed

_MOST = 64
"""Connections at a time through one way; further ones wait to be accepted."""

_CONNECT_SECONDS = 10.0
_PIECE = 1 << 16


class AllowedDestinations:
    """The ways of one runtime, by namespace. They end with :meth:`close`, and with this process at the latest."""

    def __init__(self) -> None:
        self._open: dict[tuple[Path, str, int], socket.socket] = {}

    def open(self, namespace: Path, address: str, port: int) -> None:
        """Let what is in a namespace connect to ``address:port``. Again is harmless. Raises RuntimeFailed."""
        key = (namespace, address, port)
        if key in self._open:
            return
        if not any(known[:2] == key[:2] for known in self._open):
            add_loopback_address(namespace, address)
        try:
            listener = inside(namespace, lambda: socket.create_server((address, port), backlog=_MOST))
        except OSError as error:
            raise RuntimeFailed(f"no way to {address}:{port} could be opened: {error.strerror}") from None
        self._open[key] = listener
        threading.Thread(target=_serve, args=(listener, (address, port)), name="way-out", daemon=True).start()

    def close(self) -> None:
        """Close them all. Connections that are open end when either side does."""
        for listener in self._open.values():
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
            listener.close()
        self._open.clear()


def _serve(listener: socket.socket, target: tuple[str, int]) -> None:
    free = threading.BoundedSemaphore(_MOST)
    while True:
        free.acquire()
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_carry, args=(connection, target, free), name="way-out", daemon=True).start()


def _carry(inner: socket.socket, target: tuple[str, int], free: threading.BoundedSemaphore) -> None:
    try:
        with inner, socket.create_connection(target, timeout=_CONNECT_SECONDS) as outer:
            outer.settimeout(None)
            back = threading.Thread(target=_copy, args=(outer, inner), daemon=True)
            back.start()
            _copy(inner, outer)
            back.join()
    except OSError:
        pass  # the copy sees its connection end, as it would without a server
    finally:
        free.release()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            sink.sendall(piece)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
