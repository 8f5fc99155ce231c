"""Hashes that the host computes of its files, so that known content is not sent."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

from containerize.checksums import LENGTHS, Algorithm
from containerize.host.answer_parts import PREAMBLE
from containerize.host.regular_files import real_files
from containerize.host.supervised_command import watched
from inventory.errors import HostError
from inventory.transports.transport import Transport

MAX_LINE = 1 << 20
"""No path is nearly as long."""

_LINE = re.compile(rb"(\\?)([0-9a-f]+) [ *](.*)", re.DOTALL)
_ESCAPE = re.compile(rb"\\([\\nr])")


class CannotHash(HostError):
    """The host has no program that computes the hash."""


def hash_files(transport: Transport, paths: Iterable[str], algorithm: Algorithm) -> dict[str, str]:
    """The hash of each file, by path. Files that vanished or cannot be read have no entry.

    What is not sha256 is only ever compared with the checksums of a package database.

    Raises CannotHash, and HostError when the host answers with something else.
    """
    # The answer's names are replaced by our own, which are there anyway: a million of them take a hundred megabytes.
    asked = {path: path for path in paths}
    # Busybox prints a name of two lines as it is, so that the second could tell a hash of another file.
    odd = {path: path for path in asked if "\n" in path}
    plain = {path: path for path in asked if path not in odd} if odd else asked
    return _hashes(transport, plain, algorithm) | _hashes(transport, odd, algorithm)


def _hashes(transport: Transport, asked: Mapping[str, str], algorithm: Algorithm) -> dict[str, str]:
    if not asked:
        return {}
    stdin = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in sorted(asked))
    program = f"{algorithm}sum"
    hashing = f"{real_files()} | low xargs -0 {program} 2>/dev/null || true"
    # A large file on a slow disk is silent for minutes. A NUL is in no name, and may come in the middle of a line.
    command = watched(f"type {program} >/dev/null 2>&1 || exit 69\n{hashing}", sign_of_life=True)
    try:
        with transport.stream(command, stdin) as source:
            sums = read_sums(source, algorithm)
            return {asked[path]: digest for path, digest in sums if path in asked}
    except HostError as error:
        if transport.run(f"{PREAMBLE}type {algorithm}sum >/dev/null 2>&1", timeout=30).exit_status != 0:
            raise CannotHash(f"the host has no {algorithm}sum, so its files cannot be taken") from error
        raise


def sizes(transport: Transport, paths: Iterable[str]) -> dict[str, int]:
    """The size in bytes of each file that is there now, by path; -1 for one that cannot be read.

    For a few files only: each is a process of the host.
    """
    names = [path.encode("utf-8", "surrogateescape") for path in paths]
    if not names:
        return {}
    # What cannot be opened has no size; only that of a file is wanted, and no device or pipe may be opened.
    each = """[ -f "$0" ] && { n=$(wc -c <"$0") || n=-1; printf '%d %s\\000' "$n" "$0"; }"""
    command = f"{PREAMBLE}xargs -0 -n 1 sh -c {shlex.quote(each)} 2>/dev/null || true"
    answer = transport.run(command, b"\0".join(names) + b"\0", timeout=300).stdout
    found: dict[str, int] = {}
    for record in answer.split(b"\0"):
        number, space, name = record.partition(b" ")
        if space and re.fullmatch(rb"-?[0-9]{1,18}", number):
            found[name.decode("utf-8", "surrogateescape")] = int(number)
    return found


def read_sums(source: BinaryIO, algorithm: Algorithm) -> Iterator[tuple[str, str]]:
    r"""(path, hash) from the output of GNU or busybox ``*sum``; GNU writes ``\\`` before a line whose name it
    escaped.
    """
    rest = b""
    while True:
        chunk = source.read(1 << 16)
        lines = (rest + chunk.replace(b"\0", b"")).split(b"\n")
        rest = lines.pop() if chunk else b""
        if len(rest) > MAX_LINE:
            raise HostError(
                f"the host answered with something else than {algorithm} sums; is that its own {algorithm}sum?"
            )
        for line in lines:
            match = _LINE.fullmatch(line)
            if match is None or len(match[2]) != LENGTHS[algorithm]:
                continue
            name = _ESCAPE.sub(_unescape, match[3]) if match[1] else match[3]
            yield name.decode("utf-8", "surrogateescape"), match[2].decode()
        if not chunk:
            return


def _unescape(match: re.Match[bytes]) -> bytes:
    return {b"n": b"\n", b"r": b"\r"}.get(match[1], b"\\")
