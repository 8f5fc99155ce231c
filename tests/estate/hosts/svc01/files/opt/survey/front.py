#!/usr/bin/python3
"""The front of the survey: hands votes to the worker, which counts them."""

from __future__ import annotations

import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SOCKET = "/run/survey/worker.sock"


def ask(words: str) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(SOCKET)
        connection.sendall(words.encode() + b"\n")
        return connection.makefile(encoding="utf-8").read()


class Front(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            self.answer(200, '<h1>Which colour?</h1><a href="/counts">So far</a>\n', "text/html")
        elif self.path == "/counts":
            self.answer(200, ask("counts"))
        else:
            self.answer(404, "no such page\n")

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.answer(201, ask(f"vote {text.split()[0]}"))

    def answer(self, status: int, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
ThreadingHTTPServer(("", 8004), Front).serve_forever()
