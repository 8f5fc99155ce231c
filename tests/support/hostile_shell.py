"""A host of ill will: answers the probe with marks of its own making and bytes without end.

Made the command of every login (``ForceCommand``) by a server of the tests: ``python hostile_shell.py KIND MEGABYTES``.
KIND says how it floods: ``part`` (one part never ends), ``marks`` (millions of parts), ``errors`` (standard error) or
``outside`` (noise before any section).
"""

from __future__ import annotations

import os
import re
import sys

BLOCK = b"/proc/1/stat:1 (\xff\x00\x1b[2J) S\n" * 40_000


def main(kind: str, megabytes: int) -> None:
    """Say that the command begins, read the probe, and flood."""
    asked = os.environ.get("SSH_ORIGINAL_COMMAND", "")
    marker = re.search("assess-[0-9a-f]{24}", asked)
    if marker is None:
        return
    for stream in (1, 2):
        os.write(stream, marker[0].encode() + b"\n")
    script = sys.stdin.buffer.read()
    nonce = re.search(rb"\nN='([0-9a-f]{32})'\n", script)
    if nonce is None:
        os.write(1, b"Linux\n")
        return
    opening = b"\n%s hello 0 1\n\n%s begin processes\n" % (nonce[1], nonce[1])
    part = b"\n%s part stat\n" % nonce[1]
    if kind != "outside":
        write(1, opening)
    if kind == "part":
        write(1, part)
    block = (part + b"\n%s done 0\n" % nonce[1]) * 10_000 if kind == "marks" else BLOCK
    sent = 0
    while sent < megabytes << 20:
        write(2 if kind == "errors" else 1, block)
        sent += len(block)


def write(stream: int, data: bytes) -> None:
    """All of it, through the pipe that sshd gives us."""
    while data:
        data = data[os.write(stream, data) :]


if __name__ == "__main__":
    try:
        main(sys.argv[1], int(sys.argv[2]))
    except BrokenPipeError:
        os._exit(1)
