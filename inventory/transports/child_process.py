"""A command as a child process; see :class:`inventory.transports.command_session.CommandSession`."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress

_CHUNK = 1 << 20


class ChildProcess:
    """A child process and its three pipes. It has a separate session, so that all of it can be ended."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            bufsize=0,
            start_new_session=True,
        )
        self._selector = selectors.DefaultSelector()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                self._selector.register(pipe, selectors.EVENT_READ)

    def read(self, seconds: float, /) -> tuple[bytes, bytes, bool]:
        """See the Protocol."""
        out = err = b""
        for ready, _ in self._selector.select(seconds):
            data = os.read(ready.fd, _CHUNK)
            if not data:
                self._selector.unregister(ready.fileobj)
            elif ready.fileobj is self._process.stdout:
                out = data
            else:
                err = data
        return out, err, not out and not err and not self._selector.get_map()

    def write(self, data: bytes, /) -> None:
        """See the Protocol."""
        stream = self._process.stdin
        if stream is None or stream.closed:
            return
        view = memoryview(data)
        with suppress(OSError):  # the command has ended; how, the reader sees
            while view:
                view = view[os.write(stream.fileno(), view[:_CHUNK]) :]

    def end_input(self) -> None:
        """See the Protocol."""
        if self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()

    def status(self, seconds: float, /) -> int:
        """See the Protocol."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return -1

    def kill(self) -> None:
        """See the Protocol."""
        if self._process.poll() is None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGTERM)
            if self.status(0.5) == -1:
                with suppress(OSError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
