"""Recordings sent again as a host sends its answer, whole or up to where the host dies."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from inventory.recording import SectionRecording
from inventory.transports.transport import Completed, Duplex, Interrupted

BROKE = "the connection to web01 broke while a command ran"
_NONCE = re.compile(rb"\nN='([0-9a-f]{32})'\n")


def nonce_of(script: bytes) -> str:
    """The nonce of a probe."""
    found = _NONCE.search(script)
    assert found is not None
    return found[1].decode()


def opening(nonce: str) -> bytes:
    """What comes before the first section."""
    return f"\n{nonce} hello 0 4711\n".encode()


def ending(nonce: str) -> bytes:
    """What comes behind the last part of a section."""
    return f"\n{nonce} end\n\n{nonce} over no\n".encode()


def framed(recording: SectionRecording, nonce: str) -> bytes:
    """One section as the probe writes it, without its ending."""
    pieces = [f"\n{nonce} begin {recording.section}\n".encode()]
    for part in recording.parts:
        pieces += [f"\n{nonce} part {part.name}\n".encode(), part.content, f"\n{nonce} done {part.status}\n".encode()]
    return b"".join(pieces)


@dataclass
class DyingHost:
    """A host that sends ``sections`` up to byte ``dies_at`` of the last one, and then nothing more.

    Root on a connection that breaks; what a real one does then is shown with a real one in
    ``tests/inventory/transports/test_ssh.py``.
    """

    sections: Sequence[SectionRecording]
    dies_at: float
    """As a share of the last section: 0 before its first byte, 1 behind its last, but before its ending."""
    user: str = "root"
    privileged: bool = True
    banner: str = "SSH-2.0-OpenSSH_9.2p1"

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        nonce = nonce_of(stdin)
        *whole, last = [framed(section, nonce) for section in self.sections]
        before = [piece for section in whole for piece in (section, ending(nonce))]
        stdout = b"".join([opening(nonce), *before, last[: int(len(last) * self.dies_at)]])
        raise Interrupted(BROKE, Completed(-1, stdout, b""))

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        yield io.BytesIO()

    def dial(self, address: str, port: int, *, timeout: float = 10.0) -> Duplex:
        raise NotImplementedError

    def dial_unix(self, path: str, *, timeout: float = 10.0) -> Duplex:
        raise NotImplementedError

    def close(self) -> None:
        return
