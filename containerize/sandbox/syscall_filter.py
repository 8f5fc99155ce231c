"""A system call filter for the process itself: calls that are not listed fail with EPERM (seccomp(2)).

The program is classic BPF, assembled here, so that nothing has to be compiled or installed. The numbers are those of
the kernel's tables: arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h for arm64 and riscv64.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterable, Mapping

# fmt: off
_X86_64: Mapping[str, int] = {
    "read": 0, "write": 1, "open": 2, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15,
    "pread64": 17, "writev": 20, "mremap": 25, "madvise": 28, "getpid": 39, "exit": 60, "fcntl": 72, "rename": 82,
    "mkdir": 83, "rmdir": 84, "link": 86, "unlink": 87, "symlink": 88, "chmod": 90, "fchmod": 91, "chown": 92,
    "fchown": 93, "lchown": 94, "sigaltstack": 131, "mknod": 133, "gettid": 186, "setxattr": 188, "lsetxattr": 189,
    "fsetxattr": 190, "futex": 202, "getdents64": 217, "restart_syscall": 219, "clock_gettime": 228,
    "exit_group": 231, "openat": 257, "mkdirat": 258, "mknodat": 259, "fchownat": 260, "newfstatat": 262,
    "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "fchmodat": 268, "utimensat": 280,
    "renameat2": 316, "getrandom": 318, "statx": 332, "rseq": 334, "fchmodat2": 452,
}
_GENERIC: Mapping[str, int] = {
    "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "fcntl": 25, "mknodat": 33, "mkdirat": 34, "unlinkat": 35,
    "symlinkat": 36, "linkat": 37, "renameat": 38, "fchmod": 52, "fchmodat": 53, "fchownat": 54, "fchown": 55,
    "openat": 56, "close": 57, "getdents64": 61, "lseek": 62, "read": 63, "write": 64, "writev": 66, "pread64": 67,
    "newfstatat": 79, "fstat": 80, "utimensat": 88, "exit": 93, "exit_group": 94, "futex": 98, "clock_gettime": 113,
    "restart_syscall": 128, "sigaltstack": 132, "rt_sigaction": 134, "rt_sigprocmask": 135, "rt_sigreturn": 139,
    "getpid": 172, "gettid": 178, "brk": 214, "munmap": 215, "mremap": 216, "mmap": 222, "mprotect": 226,
    "madvise": 233, "renameat2": 276, "getrandom": 278, "statx": 291, "rseq": 293, "fchmodat2": 452,
}
# fmt: on
MACHINES: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "x86_64": (0xC000003E, _X86_64),
    "aarch64": (0xC00000B7, _GENERIC),
    "riscv64": (0xC00000F3, _GENERIC),
}
"""By ``uname -m``: the AUDIT_ARCH value that the kernel reports, and the numbers of the calls."""

READING = frozenset(
    """read write open close stat fstat lstat lseek mmap mprotect munmap brk rt_sigaction rt_sigprocmask rt_sigreturn
    pread64 writev mremap madvise getpid gettid exit exit_group fcntl sigaltstack futex getdents64 restart_syscall
    clock_gettime openat newfstatat statx getrandom rseq""".split()  # noqa: SIM905 - a list of forty strings is not read
)
"""What the interpreter needs to run, and to read files. mmap and mprotect cannot make memory executable."""

WRITING = READING | frozenset(
    """rename renameat renameat2 mkdir mkdirat rmdir link linkat unlink unlinkat symlink symlinkat chmod fchmod fchmodat
    fchmodat2 chown fchown lchown fchownat mknod mknodat setxattr lsetxattr fsetxattr utimensat""".split()  # noqa: SIM905
)
"""And to make files of every kind with owners, modes, times and attributes."""

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JSET|K, BPF_RET|K."""

_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 32
"""Offsets in struct seccomp_data. The low half of an argument comes first: all three machines are little-endian."""

_KILL, _ALLOW, _EPERM = 0x80000000, 0x7FFF0000, 0x00050001
_PROT_EXEC = 4
_EXECUTABLE = ("mmap", "mprotect")


def assemble(allowed: Iterable[str], machine: str = "") -> bytes:
    """The filter as an array of struct sock_filter. Raises KeyError for a machine that is not in MACHINES.

    Calls by the numbers of another architecture (those of 32-bit programs) kill the process.
    """
    architecture, numbers = MACHINES[machine or platform.machine()]
    names = set(allowed)
    plain = sorted(numbers[name] for name in names if name in numbers and name not in _EXECUTABLE)
    checked = sorted(numbers[name] for name in names if name in _EXECUTABLE)
    rows = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for number in plain:
        rows += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    for number in checked:
        rows += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, _THIRD_ARGUMENT),
            (_ANY_BIT, 1, 0, _PROT_EXEC),
            (_RETURN, 0, 0, _ALLOW),
            (_RETURN, 0, 0, _EPERM),
        ]
    rows.append((_RETURN, 0, 0, _EPERM))
    return b"".join(struct.pack("=HBBI", *row) for row in rows)
