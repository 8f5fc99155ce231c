"""Start the confined process, feed it, and report its result."""

from __future__ import annotations

import dataclasses
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

import containerize
from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.admission import LEFT_OUT
from containerize.sandbox.child import ABSENT, DONE, Job

HOURS = 6
"""A copy of live data that takes longer is not going to end."""

MAX_ENTRIES = 20_000_000
_RESERVE = 1 << 30
_READ_SECONDS = 30
_PIPE = 1 << 20
_LATE = "it took too long; is the connection to the host slow?"
_CODE = Path(containerize.__file__).parent.parent
_START = "import sys; sys.path.append(sys.argv[1]); from containerize.sandbox.child import main; main(sys.argv[2])"


@dataclass(frozen=True, slots=True)
class SandboxLimits:
    """The most bytes on disk, files and seconds of one archive."""

    size: int
    entries: int = MAX_ENTRIES
    seconds: int = HOURS * 3600


def limits_at(place: Path, most: int | None = None) -> SandboxLimits:
    """The free space at ``place``, at most ``most`` bytes. A part of the disk stays free."""
    status = os.statvfs(place)
    total, free = status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize
    room = max(free - min(_RESERVE, total // 20), 0)
    # Some file systems have as many inodes as there is room for, and say 0.
    entries = min(status.f_favail, MAX_ENTRIES) if status.f_files else MAX_ENTRIES
    return SandboxLimits(room if most is None else min(room, most), entries)


def unpack_tar(tar: BinaryIO, target: Path, limits: SandboxLimits, *, layer: bool = False) -> Mapping[str, int]:
    """Unpack an uncompressed tar below ``target``, which nothing in it can leave. Needs root.

    Returns how many things were left out, by the names of LEFT_OUT. Raises RuntimeFailed, and what reading raises.
    """
    job = Job(os.getpid(), str(target), "", layer, limits.size, limits.entries, limits.seconds)
    with _confined(job, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None  # noqa: S101 - for the type checker
        with suppress(OSError):  # a smaller pipe only costs time
            fcntl.fcntl(process.stdin, fcntl.F_SETPIPE_SZ, _PIPE)
        with suppress(BrokenPipeError):  # it ended, and says why
            _feed(tar, process.stdin, time.monotonic() + limits.seconds)
        output, status, words = _outcome(process)
    if status != DONE:
        raise RuntimeFailed(f"files could not be unpacked to {target}: {words}")
    return _counts(output)


def read_within(root: Path, path: str, limit: int = 4 << 20) -> bytes | None:
    """A plain file below ``root``, links resolved as the container would; None when there is none. Of a longer file
    the first ``limit`` bytes. Needs root.
    """
    job = Job(os.getpid(), str(root), path, False, limit, 1, _READ_SECONDS)
    with _confined(job, stdin=subprocess.DEVNULL) as process:
        output, status, words = _outcome(process, limit)
    if status == ABSENT:
        return None
    if status != DONE:
        raise RuntimeFailed(f"{path} could not be read below {root}: {words}")
    return output


@contextmanager
def _confined(job: Job, *, stdin: int) -> Iterator[subprocess.Popen[bytes]]:
    if os.geteuid() != 0:
        raise RuntimeFailed("files of a host are unpacked in a process without rights, which needs root to set up")
    command = [sys.executable, "-I", "-S", "-E", "-B", "-c", _START, str(_CODE), json.dumps(dataclasses.asdict(job))]
    with subprocess.Popen(
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={},
        cwd="/",
        start_new_session=True,
        bufsize=0,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def _feed(tar: BinaryIO, pipe: IO[bytes], deadline: float) -> None:
    """Copy the stream. The process ends at the deadline too, but a slow stream must not look like one that ended."""
    with pipe:
        while chunk := tar.read(_PIPE):
            view = memoryview(chunk)
            while view:
                view = view[os.write(pipe.fileno(), view) :]
            if time.monotonic() > deadline:
                raise RuntimeFailed(f"files could not be unpacked: {_LATE}")


def _outcome(process: subprocess.Popen[bytes], limit: int = 1000) -> tuple[bytes, int, str]:
    """Output, exit status and the reason of a failure. More output than ``limit`` is not read."""
    assert process.stdout is not None and process.stderr is not None  # noqa: S101 - for the type checker
    output = _at_most(process.stdout, limit)
    words = "".join(
        each if each.isprintable() else " " for each in _at_most(process.stderr, 1000).decode("ascii", "replace")
    )
    try:
        status = process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    if status < 0 or status > 128:
        number = -status if status < 0 else 256 - status
        words = _LATE if number == signal.SIGALRM else f"the unpacking process was ended by signal {number}"
    return output, status, words.strip() or "no reason was given"


def _at_most(stream: IO[bytes], limit: int) -> bytes:
    parts, left = [], limit
    while left and (chunk := stream.read(left)):
        parts.append(chunk)
        left -= len(chunk)
    return b"".join(parts)


def _counts(output: bytes) -> Counter[str]:
    """The process may have been taken over by what it read, so that its output is not believed either."""
    counts: Counter[str] = Counter()
    for line in output.decode("ascii", "replace").splitlines():
        name, _, digits = line.partition(" ")
        if name in LEFT_OUT and digits.isascii() and digits.isdigit():
            counts[name] = int(digits)
    return counts
