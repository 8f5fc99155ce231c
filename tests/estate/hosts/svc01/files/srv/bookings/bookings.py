"""Bookings of rooms: kept in files, over HTTP and over TLS, in the language of the house."""

from __future__ import annotations

import http.client
import locale
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import calendarium

KEPT = Path("/var/lib/bookings")
LOG = Path("/var/log/bookings/access.log")
log = LOG.open("a", encoding="utf-8")


def reopen(_signal: int, _frame: object) -> None:
    """logrotate has moved the log away."""
    global log
    log.close()
    log = LOG.open("a", encoding="utf-8")


def over_tls() -> str:
    """Ask itself, by name, and believe nobody whom the machine does not."""
    connection = http.client.HTTPSConnection("svc01", 8443, timeout=10, context=ssl.create_default_context())
    connection.request("GET", "/health")
    return connection.getresponse().read().decode()


def environment() -> str:
    moment = time.strftime("%A, %d. %B %Y %H:%M %Z", time.localtime(1_585_443_600))
    umask = os.umask(0o022)
    os.umask(umask)
    return "\n".join(
        [
            moment,
            locale.format_string("%.2f", 1234567.891, grouping=True),
            f"umask {umask:03o} uid {os.getuid()}",
            f"smtp {socket.getservbyname('smtp')}",
            calendarium.week("2020-03-29"),
            "",
        ]
    )


class Bookings(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            names = "".join(f'<li><a href="/rooms/{path.name}">{path.name}</a></li>' for path in sorted(KEPT.iterdir()))
            self.answer(200, f'<a href="/environment">here</a> <a href="/tls">tls</a><ul>{names}</ul>\n', "text/html")
        elif self.path == "/health":
            self.answer(200, "well\n")
        elif self.path == "/environment":
            self.answer(200, environment())
        elif self.path == "/tls":
            self.answer(200, over_tls())
        elif self.path == "/archive":
            done = subprocess.run(["tar", "-C", str(KEPT), "-czf", "-", "."], capture_output=True, check=True)
            self.answer(200, f"{done.stdout[:2].hex()}\n")
        elif self.path.startswith("/rooms/") and (KEPT / Path(self.path).name).is_file():
            self.answer(200, (KEPT / Path(self.path).name).read_text("utf-8"))
        else:
            self.answer(404, "no such page\n")

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        (KEPT / Path(self.path).name).write_bytes(content)
        self.answer(201, "kept\n")

    def answer(self, status: int, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form: str, *words: object) -> None:
        print(self.log_date_time_string(), form % words, file=log, flush=True)


locale.setlocale(locale.LC_ALL, "")
signal.signal(signal.SIGHUP, reopen)
signal.signal(signal.SIGTERM, lambda _signal, _frame: os._exit(0))
secure = ThreadingHTTPServer(("", 8443), Bookings)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain("/etc/bookings/tls.crt", "/etc/bookings/tls.key")
secure.socket = context.wrap_socket(secure.socket, server_side=True)
threading.Thread(target=secure.serve_forever, daemon=True).start()
ThreadingHTTPServer(("", 8001), Bookings).serve_forever()
