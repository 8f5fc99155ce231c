"""Hashes that the host computes of its own files, so that known content need not be sent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal

from containerize.survey.framing import PREAMBLE
from inventory.errors import HostError
from inventory.transports.transport import Transport

Algorithm = Literal["sha256", "md5"]
"""md5 is only ever compared with the checksums of a package database, which are md5."""

_LENGTH = {"sha256": 64, "md5": 32}
_LINE = re.compile(rb"(\\?)([0-9a-f]+) [ *](.*)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([\\nr])")


class CannotHash(HostError):
    """The host has no program that computes the hash."""


def hash_files(transport: Transport, paths: Iterable[str], algorithm: Algorithm) -> dict[str, str]:
    """The hash of each file, by path. Files that vanished or cannot be read have no entry."""
    names = [path.encode("utf-8", "surrogateescape") for path in paths]
    if not names:
        return {}
    program = f"{algorithm}sum"
    command = f"{PREAMBLE}type {program} >/dev/null 2>&1 || exit 69; low xargs -0 {program} 2>/dev/null || true"
    try:
        with transport.stream(command, b"\0".join(names) + b"\0") as source:
            return dict(read_sums(source, algorithm))
    except HostError as error:
        if transport.run(f"{PREAMBLE}type {algorithm}sum >/dev/null 2>&1", timeout=30).exit_status != 0:
            raise CannotHash(f"the host has no {algorithm}sum, so its files cannot be taken") from error
        raise


def read_sums(source: BinaryIO, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    r"""(path, hash) from the output of GNU or busybox ``*sum``; GNU writes ``\\`` before a line whose name it
    escaped.
    """
    rest = b""
    while True:
        chunk = source.read(1 << 16)
        lines = (rest + chunk).split(b"\n")
        rest = lines.pop() if chunk else b""
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None or len(match[2]) != _LENGTH[algorithm]:
                continue
            name = _ESCAPE.sub(_unescape, match[3]) if match[1] else match[3]
            yield name.decode("utf-8", "surrogateescape"), match[2].decode()
        if not chunk:
            return


def _unescape(match: re.Match[bytes]) -> bytes:
    return {b"n": b"\n", b"r": b"\r"}.get(match[1], b"\\")
