"""Clients of the known estate that no host of it is, and listeners that their host cannot see.

clients.py connect ADDRESS:PORT...
clients.py listen PORT
"""

from __future__ import annotations

import contextlib
import select
import socket
import sys
import threading
import time

PAGE = b"GET / HTTP/1.1\r\nHost: client.example\r\nCookie: session=1\r\n\r\n"
MAIL = (b"EHLO client.example\r\n", b"MAIL FROM:<someone@client.example>\r\n", b"RCPT TO:<root@corp.example>\r\n")


def _connect(peer: str) -> None:
    address, _, port = peer.partition(":")
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address, int(port)), 5) as connection:
            connection.settimeout(5)
            if port == "25":  # a session that is open asks for milters, policies and logins
                for line in MAIL:
                    connection.recv(4096)
                    connection.sendall(line)
            pages = port in ("80", "6081")
            while True:
                if pages:  # with a cookie, so that no cache answers in place of the servers behind it
                    connection.sendall(PAGE)
                if select.select([connection], [], [], 2.0)[0] and not connection.recv(65536):
                    break
                time.sleep(0.5)
        time.sleep(0.5)


def _listen(port: int) -> None:
    with socket.create_server(("", port)) as server:
        held = []
        while True:
            held.append(server.accept())


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        _listen(int(sys.argv[2]))
    for each in sys.argv[2:]:
        threading.Thread(target=_connect, args=(each,), daemon=True).start()
    threading.Event().wait()
