"""Files that are opened through a mount, as the kernel reports them by fanotify(7).

A mark on a *mount* (FAN_MARK_MOUNT, in every kernel since 2.6.37) tells what is opened through that one mount and
nothing else. ``/proc/PID/root`` names the mount that is the root of a container, whichever engine made it and however
it stores images, so that nothing of this machine is looked at, nor volumes, secrets or memory file systems, which are
their own mounts. Programs are opened too when they are executed. Needs CAP_SYS_ADMIN.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from inventory.errors import BrownfieldError

# include/uapi/linux/fanotify.h
FAN_CLOEXEC, FAN_NONBLOCK, FAN_UNLIMITED_QUEUE, FAN_UNLIMITED_MARKS = 0x1, 0x2, 0x10, 0x20
FAN_MARK_ADD, FAN_MARK_MOUNT = 0x1, 0x10
FAN_OPEN, FAN_ONDIR, FAN_Q_OVERFLOW = 0x20, 0x40000000, 0x4000
_AT_FDCWD = -100

_EVENT = struct.Struct("=IBBHQii")
"""event_len, vers, reserved, metadata_len, mask, fd, pid"""

_VERSION = 3
_BUFFER = _EVENT.size * 256
"""Each event brings an open file, and a process may have 1024 unless a person raised the limit."""


class TracingUnavailable(BrownfieldError):
    """The kernel reports nothing to this process; the sentence says what to do."""


def parse_events(data: bytes) -> Iterator[tuple[int, int]]:
    """(mask, file descriptor) of the events in what was read from a group; a descriptor of -1 has no file."""
    at = 0
    while at + _EVENT.size <= len(data):
        length, version, _, _, mask, descriptor, _ = _EVENT.unpack_from(data, at)
        if version != _VERSION or length < _EVENT.size:
            raise TracingUnavailable(f"this kernel speaks version {version} of fanotify, and 3 is known here")
        yield mask, descriptor
        at += length


class MountWatch:
    """Collects the real paths that are opened through marked mounts, from the root of the mount: for a container's root
    they are what its processes see. Use as a context; a thread reads in the background.
    """

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._paths: set[str] = set()
        self._lock = threading.Lock()
        self._stop_read, self._stop_write = os.pipe()
        flags = FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS
        opening = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOATIME | getattr(os, "O_LARGEFILE", 0)
        self._group = self._called("fanotify_init", flags, opening)
        self.overflowed = False
        self._thread = threading.Thread(target=self._read, name="fanotify", daemon=True)

    def __enter__(self) -> MountWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.write(self._stop_write, b"x")
        self._thread.join()
        for descriptor in (self._group, self._stop_read, self._stop_write):
            os.close(descriptor)

    def mark(self, path: str) -> None:
        """Watch the mount that ``path`` lies on."""
        mask = ctypes.c_uint64(FAN_OPEN | FAN_ONDIR)
        self._called("fanotify_mark", self._group, FAN_MARK_ADD | FAN_MARK_MOUNT, mask, _AT_FDCWD, os.fsencode(path))

    def seen(self) -> frozenset[str]:
        """All files opened so far."""
        with self._lock:
            return frozenset(self._paths)

    def _called(self, name: str, *arguments: object) -> int:
        try:
            result = int(getattr(self._libc, name)(*arguments))
        except AttributeError as error:
            raise TracingUnavailable("this system has no fanotify, by which a pilot is traced") from error
        if result < 0:
            number = ctypes.get_errno()
            words = os.strerror(number)
            raise TracingUnavailable(
                f"the kernel does not let this process trace a pilot ({name}: {words}); run the same command as root,"
                " or use --level lean"
            )
        return result

    def _read(self) -> None:
        waiting = select.poll()
        waiting.register(self._group, select.POLLIN)
        waiting.register(self._stop_read, select.POLLIN)
        ending = False
        while True:
            ready = {descriptor for descriptor, _ in waiting.poll(0 if ending else None)}
            ending = ending or self._stop_read in ready
            try:
                data = os.read(self._group, _BUFFER)
            except BlockingIOError:
                if ending:
                    return
                continue
            except OSError:
                # Opening one file for us failed (it is gone); the event is lost and the next ones are not.
                continue
            self._take(data)

    def _take(self, data: bytes) -> None:
        for mask, descriptor in parse_events(data):
            if mask & FAN_Q_OVERFLOW:
                self.overflowed = True
            if descriptor < 0:
                continue
            with suppress(OSError):
                path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
                if path.startswith("/") and not path.endswith(" (deleted)"):
                    with self._lock:
                        self._paths.add(path)
            os.close(descriptor)
