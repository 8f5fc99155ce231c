#!/usr/bin/python3
"""The worker of the survey: counts votes, which the front hands over on a socket."""

from __future__ import annotations

import os
import signal
import socketserver
import sqlite3
import sys
from pathlib import Path

SOCKET = Path("/run/survey/worker.sock")
votes = sqlite3.connect("/var/lib/survey/votes.db")
votes.execute("CREATE TABLE IF NOT EXISTS votes (colour TEXT PRIMARY KEY, number INTEGER NOT NULL)")


class Worker(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        what, _, colour = self.rfile.readline().decode().strip().partition(" ")
        if what == "vote":
            votes.execute(
                "INSERT INTO votes VALUES (?, 1) ON CONFLICT (colour) DO UPDATE SET number = number + 1", (colour,)
            )
            votes.commit()
        rows = votes.execute("SELECT colour, number FROM votes ORDER BY colour").fetchall()
        self.wfile.write("".join(f"{each} {number}\n" for each, number in rows).encode() or b"none yet\n")


signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
SOCKET.unlink(missing_ok=True)
os.umask(0o007)
socketserver.UnixStreamServer(str(SOCKET), Worker).serve_forever()
