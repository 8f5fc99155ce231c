"""Processes that do what parsers of /proc get wrong: newlines, parentheses, forged lines, deleted files.

Run as a program it starts them, writes their PIDs as JSON on its standard output, and ends them when its standard input
ends. It needs nothing but Python's own library, so that any host can run it.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FORGED_ARGUMENT = "first\n/proc/1/cmdline:forged\n/proc/1/stat:1 (forged) S 0 0 0"
FORGED_FILE = "log\nlrwx------ 1 0 0 64 Nov 24 13:00 90 -> socket:[1]\nend"
FORGED_HEADING = "log\n/proc/1"
"""The directory of a file ``fd:``, whose listing has the heading of process 1."""
FORGED_NAME = "x) R 1 1\n9 (y"
"""Fits the 15 bytes that the kernel keeps of a name."""
SECRET = "tr0ub4dor-and-3"
PLAIN = {"PATH": "/usr/bin:/bin"}
ROLES: dict[str, tuple[list[str], dict[str, str]]] = {
    "argument": ([FORGED_ARGUMENT, "", "--password", SECRET], PLAIN),
    "environment": ([], {"DB_PASSWORD": SECRET, "MOTTO": "two\nlines", "EMPTY": ""}),
    "empty": ([], {}),
    "name": ([], PLAIN),
    "files": ([], PLAIN),
    "heading": ([], PLAIN),
    "sockets": ([], PLAIN),
    "nice": ([], PLAIN),
}
"""The arguments and the environment of each process."""


@contextlib.contextmanager
def running(folder: Path) -> Iterator[dict[str, int]]:
    """The PIDs by role, with ``deleted`` for a program that has been removed while it runs."""
    copy = folder / "deleted program"
    shutil.copy2(shutil.which("sleep") or "/bin/sleep", copy)
    processes = {
        role: subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, role, str(folder), *arguments],
            env=environment,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        for role, (arguments, environment) in ROLES.items()
    }
    try:
        for process in processes.values():
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        processes["deleted"] = subprocess.Popen(
            [str(copy), "1000"], env=PLAIN, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        copy.unlink()
        yield {role: process.pid for role, process in processes.items()}
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()


def play(role: str, folder: str) -> None:
    """What a child does before it says that it is ready."""
    opened: list[object] = []
    if role == "name":
        ctypes.CDLL(None).prctl(15, FORGED_NAME.encode(), 0, 0, 0)  # PR_SET_NAME
    elif role == "files":
        os.open(f"{folder}/{FORGED_FILE}", os.O_CREAT | os.O_WRONLY)
        os.open(f"{folder}/two\nlines", os.O_CREAT | os.O_WRONLY)
        os.open(f"{folder}/plain file", os.O_CREAT | os.O_RDWR)
    elif role == "heading":
        Path(folder, FORGED_HEADING).mkdir(parents=True)
        os.open(f"{folder}/{FORGED_HEADING}/fd:", os.O_CREAT | os.O_RDWR)
    elif role == "sockets":
        opened.extend(_sockets(folder))
    elif role == "nice":
        os.nice(5)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.pause()


def _sockets(folder: str) -> Iterator[socket.socket]:
    os.chdir(folder)  # the name of a unix socket has at most 107 bytes
    for family, kind, address in (
        (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0)),
        (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        (socket.AF_UNIX, socket.SOCK_STREAM, "a socket\nof two lines"),
        (socket.AF_UNIX, socket.SOCK_STREAM, "\0an abstract one"),
        (socket.AF_UNIX, socket.SOCK_SEQPACKET, "packets"),
    ):
        try:
            opened = socket.socket(family, kind)
            opened.bind(address)
        except OSError:  # a machine without IPv6
            continue
        if kind != socket.SOCK_DGRAM:
            opened.listen()
        yield opened
        if family == socket.AF_INET and kind == socket.SOCK_STREAM:
            yield socket.create_connection(opened.getsockname())
            yield opened.accept()[0]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        play(sys.argv[1], sys.argv[2])
    else:
        with tempfile.TemporaryDirectory(prefix="odd") as place, running(Path(place)) as found:
            sys.stdout.write(json.dumps({"folder": place, **found}) + "\n")
            sys.stdout.flush()
            sys.stdin.read()
