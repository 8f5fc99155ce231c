"""The confined process: ``main(JOB)``, started by :mod:`containerize.sandbox.launch` and by nothing else.

Everything is imported before the root changes; afterwards the interpreter cannot open a file outside of it. A failure
of any kind ends the process with one line: a traceback would look for source files, which the archive could bring.
"""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from dataclasses import dataclass
from typing import NoReturn

from containerize.sandbox.admission import Admission, ArchiveRefused
from containerize.sandbox.isolation import (
    CHOWN,
    DAC_OVERRIDE,
    FOWNER,
    FSETID,
    SETFCAP,
    Confinement,
    IsolationFailed,
    confine,
    die_with_parent,
    enter_process_namespace,
)
from containerize.sandbox.syscall_filter import READING, WRITING
from containerize.sandbox.unpack import Unpacking, printable
from containerize.tar.reader import HostileStream

DONE, FAILED, ABSENT = 0, 1, 4
"""Exit statuses. With FAILED there is a reason on standard error, in one line of ASCII."""

UNPACKS = (CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP)
"""Give files away, write into directories of others, set their modes and times, keep setgid, set file capabilities."""

READS = (DAC_OVERRIDE,)
"""Read files of any owner. The directory is mounted read-only."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job in ``root``: read the file ``path``, or unpack standard input when that is "".

    ``parent`` is the process id of the starter; ``size`` in bytes; ``seconds`` of the wall clock and of CPU.
    """

    parent: int
    root: str
    path: str
    layer: bool
    size: int
    entries: int
    seconds: int


def main(text: str) -> NoReturn:
    """Do the job and end the process."""
    sys.excepthook = lambda _kind, error, _trace: _fail(error)
    sys.unraisablehook = lambda _: None
    try:
        _supervise(Job(**json.loads(text)))
    except BaseException as error:
        _fail(error)


def _supervise(job: Job) -> NoReturn:
    """Have a child do the job: only a child is in a new PID namespace. What waits for it reads no byte of the host."""
    os.closerange(3, 1024)
    die_with_parent(job.parent)
    signal.alarm(job.seconds)
    enter_process_namespace()
    if (child := os.fork()) == 0:
        die_with_parent(0)
        _work(job)
    os.close(0)
    _, status = os.waitpid(child, 0)
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _work(job: Job) -> NoReturn:
    reads = bool(job.path)
    calls, capabilities = (READING, READS) if reads else (WRITING, UNPACKS)
    os.umask(0o022)
    confine(Confinement(job.root, reads, capabilities, calls, job.seconds, 0 if reads else job.size))
    if reads:
        os._exit(_read(job))
    admission = Admission(job.size, job.entries, layer=job.layer)
    with open(0, "rb", buffering=1 << 20, closefd=False) as stream:
        Unpacking(job.layer, admission).unpack(stream)
        while stream.read(1 << 20):
            pass
    _write(1, "".join(f"{name} {count}\n" for name, count in admission.left_out.items()).encode())
    os._exit(DONE)


def _read(job: Job) -> int:
    try:
        descriptor = os.open(job.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return ABSENT
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return ABSENT
    left = job.size
    while left and (chunk := os.read(descriptor, min(left, 1 << 16))):
        _write(1, chunk)
        left -= len(chunk)
    return DONE


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _fail(error: BaseException) -> NoReturn:
    try:
        os.write(2, _reason(error).encode("ascii", "replace")[:1000] + b"\n")
    finally:
        os._exit(FAILED)


def _reason(error: BaseException) -> str:
    if isinstance(error, ArchiveRefused | HostileStream | IsolationFailed):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        name = error.filename
        path = printable(os.fsencode(name)) if isinstance(name, str | bytes) else ""
        return f"{path}: {error.strerror}" if path else error.strerror
    if isinstance(error, MemoryError):
        return "the names of the files need more memory than is allowed"
    return f"the archive cannot be unpacked ({type(error).__name__})"
