"""Confine the running process to one directory, irreversibly.

The order matters: each step needs what a later one takes. Only for a process with one thread that has root.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from containerize.sandbox.syscall_filter import MACHINES, assemble

CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP = 0, 1, 3, 4, 31
"""Capabilities by number, from include/uapi/linux/capability.h."""

_NEW_MOUNTS, _NEW_CGROUP, _NEW_UTS, _NEW_IPC, _NEW_PIDS, _NEW_NETWORK = (
    0x00020000,
    0x02000000,
    0x04000000,
    0x08000000,
    0x20000000,
    0x40000000,
)
_MS_READ_ONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC, _MS_REMOUNT = 1, 2, 4, 8, 32
_MS_BIND, _MS_RECURSIVE, _MS_PRIVATE = 0x1000, 0x4000, 0x40000
_DETACH = 2
_PARENT_DEATH_SIGNAL, _SET_SECCOMP, _BOUNDING_DROP, _NO_NEW_PRIVILEGES = 1, 22, 24, 38
_FILTER_MODE = 2
_KILL = 9
_CAPABILITY_VERSION = 0x20080522

MEMORY = 2 << 30
"""Address space in bytes. The interpreter takes 30 MB; the rest is for the names of a layer's files."""


class IsolationFailed(Exception):
    """The kernel denied a step; the sentence says which."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """The remaining resources of the process. ``seconds`` are CPU time; ``file_size`` is the largest file it can write,
    in bytes.
    """

    root: str
    read_only: bool
    capabilities: tuple[int, ...]
    calls: frozenset[str]
    seconds: int
    file_size: int


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its parent ends. ``parent`` is its process id, 0 for "outside"."""
    _prctl("set a parent-death signal", _PARENT_DEATH_SIGNAL, _KILL)
    if os.getppid() != parent:
        os._exit(1)


def enter_process_namespace() -> None:
    """The next child is the first process of a new PID namespace."""
    _call("make a PID namespace", _libc.unshare(_NEW_PIDS))


def confine(to: Confinement) -> None:
    """Make ``to.root`` the whole file system and drop what is not needed to work in it. Raises IsolationFailed."""
    if platform.machine() not in MACHINES:
        raise IsolationFailed(f"there is no system call filter for {platform.machine()} processors")
    program = assemble(to.calls)
    spaces = _NEW_MOUNTS | _NEW_IPC | _NEW_NETWORK | _NEW_UTS
    if _libc.unshare(spaces | _NEW_CGROUP):  # Linux before 4.6 has no cgroup namespaces
        _call("make namespaces", _libc.unshare(spaces))
    _pivot(to.root.encode("utf-8", "surrogateescape"), read_only=to.read_only)
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, to.seconds),
        (resource.RLIMIT_FSIZE, to.file_size),
    ):
        resource.setrlimit(limit, (value, value))
    _drop_capabilities(to.capabilities)
    _prctl("forbid new privileges", _NO_NEW_PRIVILEGES, 1)
    filter_ = _Filter(len(program) // 8, program)
    _prctl("install the system call filter", _SET_SECCOMP, _FILTER_MODE, ctypes.addressof(filter_))
    forbid_imports()


def forbid_imports() -> None:
    """Forbid further imports: nothing below the root is code."""
    sys.path.clear()
    sys.path_hooks.clear()
    sys.path_importer_cache.clear()
    sys.meta_path.clear()


def _pivot(root: bytes, *, read_only: bool) -> None:
    """Make ``root`` the only mount. What is mounted below it is not visible either."""
    _mount("make mounts private", b"none", b"/", _MS_RECURSIVE | _MS_PRIVATE)
    _mount("mount the directory", root, root, _MS_BIND)
    flags = _MS_NOSUID | _MS_NODEV | _MS_NOEXEC | (_MS_READ_ONLY if read_only else 0)
    _mount("restrict the mount", b"none", root, _MS_BIND | _MS_REMOUNT | flags)
    os.chdir(root)
    # The old root is put on top of the new one, and taken off.
    _call("change the root", _libc.pivot_root(b".", b"."))
    _call("leave the old root", _libc.umount2(b".", _DETACH))
    os.chdir("/")


def _drop_capabilities(kept: Iterable[int]) -> None:
    """Out of all five sets; the last capability is before the first that the kernel does not know. Ambient ones end
    with inheritable ones.
    """
    number = 0
    while _libc.prctl(_BOUNDING_DROP, *_longs(number, 0, 0, 0)) == 0:
        number += 1
    if ctypes.get_errno() != errno.EINVAL:
        _call("drop capabilities", -1)
    mask = sum(1 << each for each in kept)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    # Effective, permitted and inheritable, for the low and the high half.
    _call("drop capabilities", _libc.capset(header, struct.pack("=6I", low, low, 0, high, high, 0)))


def _mount(step: str, source: bytes, target: bytes, flags: int) -> None:
    _call(step, _libc.mount(source, target, None, ctypes.c_ulong(flags), None))


def _prctl(step: str, option: int, *arguments: int) -> None:
    _call(step, _libc.prctl(option, *_longs(*arguments, *([0] * (4 - len(arguments))))))


def _longs(*numbers: int) -> list[ctypes.c_ulong]:
    return [ctypes.c_ulong(number) for number in numbers]


def _call(step: str, result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise IsolationFailed(f"the kernel does not let this process {step} ({os.strerror(number)})")
