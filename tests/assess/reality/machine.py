"""What a case may want of the machine that it is tried on, and how to see whether it is there."""

from __future__ import annotations

import ctypes
import os
import platform
import socket
from collections.abc import Callable, Mapping
from pathlib import Path


def _vsock() -> bool:
    try:
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
    except OSError:
        return False
    return True


def _io_uring() -> bool:
    setting = Path("/proc/sys/kernel/io_uring_disabled")
    if setting.exists():
        return setting.read_text().strip() == "0"
    # The setting came with Linux 6.6; before it the call answers EFAULT to no parameters where there is io_uring.
    ctypes.set_errno(0)
    ctypes.CDLL(None, use_errno=True).syscall(425, 1, None)
    return os.strerror(ctypes.get_errno()) == os.strerror(14)


WANTED: Mapping[str, tuple[str, Callable[[], bool]]] = {
    "kernel log": ("this machine has no /dev/kmsg", lambda: os.access("/dev/kmsg", os.W_OK)),
    "vsock": ("this kernel has no AF_VSOCK", _vsock),
    "two processors": ("this machine has one processor", lambda: {0, 1} <= os.sched_getaffinity(0)),
    "fuse": ("this machine has no /dev/fuse", lambda: Path("/dev/fuse").exists()),
    "io_uring": ("this kernel has no io_uring", _io_uring),
    "keyrings": ("this kernel has no keyrings", lambda: Path("/proc/keys").exists()),
}
"""Key: (why a case is left out, whether the machine has it)."""

OTHER_MACHINE = 43 if platform.machine() != "sparc64" else 62
"""e_machine of an ELF header (elf.h) that no program for this machine has: SPARC V9, or x86-64 there."""
