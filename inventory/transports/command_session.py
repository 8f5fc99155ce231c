"""A command session: shell noise, the password for sudo, input, output, limits.

The same for every transport: each brings a :class:`CommandSession` with a started command, and nothing else differs.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol, cast

from inventory.errors import HostError
from inventory.transports.become import Escalation
from inventory.transports.login_shell import Marker, clean, marked, marked_on_terminal, portable
from inventory.transports.printable_text import last_line
from inventory.transports.transport import Completed, Interrupted

START_SECONDS = 30.0
"""Seconds that a login shell and sudo may take to begin: some ask a directory server that is slow or gone."""

STALL_SECONDS = 120.0
"""Seconds for which a stream may be silent before it counts as dead."""

_NOISE_LIMIT = 1 << 20
_ERRORS_LIMIT = 1 << 20
_INLINE_INPUT = 32 * 1024  # fits into any pipe and any SSH window, so sending cannot block


class CommandSession(Protocol):
    """A started command and its three streams."""

    def read(self, seconds: float, /) -> tuple[bytes, bytes, bool]:
        """The standard output and standard error of up to ``seconds``, at once when there is anything.

        The last value is true when both have ended. Raises OSError or EOFError when the connection broke.
        """
        ...

    def write(self, data: bytes, /) -> None:
        """Send all of ``data`` to standard input. May block; errors of a command that has ended are swallowed."""
        ...

    def end_input(self) -> None:
        """Close standard input."""
        ...

    def status(self, seconds: float, /) -> int:
        """The exit status (-1: none came within ``seconds``)."""
        ...

    def kill(self) -> None:
        """End the command as far as possible. Safe to call twice."""
        ...


@dataclass
class _SessionOutput:
    """The output of a command since it began."""

    noise: bytes = b""
    stdout: bytearray = field(default_factory=bytearray)
    stderr: bytearray = field(default_factory=bytearray)
    ended: bool = False

    def completed(self, status: int, marker: Marker, *, truncated: bool = False) -> Completed:
        return Completed(status, bytes(self.stdout), _after(marker, bytes(self.stderr)), truncated, self.noise)


def _after(marker: Marker, said: bytes) -> bytes:
    _, found, rest = said.partition(marker.line)
    return rest if found else said


def command_line(command: str, marker: Marker, escalation: Escalation | None, size: int) -> str:
    """The text that is handed to the login shell. ``size`` is that of the input."""
    if escalation is None:
        return f"exec {portable(marked(command, marker))}"
    text = marked_on_terminal(command, marker, size) if escalation.terminal else marked(command, marker)
    return f"exec {clean(escalation.command(portable(text)))}"


def converse(
    exchange: CommandSession,
    host: str,
    marker: Marker,
    escalation: Escalation | None,
    stdin: bytes,
    *,
    timeout: float,
    limit: int,
) -> Completed:
    """See a command through. Raises Interrupted, BecomeRefused, or HostError when the login shell does not start it."""
    deadline = time.monotonic() + timeout
    heard = _begin(exchange, host, marker, escalation, min(timeout, START_SECONDS))
    _send(exchange, stdin, escalation)
    return _heard_out(exchange, host, marker, heard, deadline, timeout, limit)


def converse_verbatim(exchange: CommandSession, host: str, stdin: bytes, *, timeout: float, limit: int) -> Completed:
    """Run a command to its end that prints nothing of ours when it begins. Raises Interrupted."""
    deadline = time.monotonic() + timeout
    _send(exchange, stdin, None)
    return _heard_out(exchange, host, Marker(), _SessionOutput(), deadline, timeout, limit)


def _heard_out(
    exchange: CommandSession,
    host: str,
    marker: Marker,
    heard: _SessionOutput,
    deadline: float,
    timeout: float,
    limit: int,
) -> Completed:
    try:
        while not heard.ended and len(heard.stdout) <= limit:
            left = deadline - time.monotonic()
            if left <= 0:
                exchange.kill()
                words = f"a command on {host} timed out after {timeout:g} s"
                raise Interrupted(words, heard.completed(-1, marker))
            _listen(exchange, heard, left)
    except (OSError, EOFError) as error:
        exchange.kill()
        words = f"the connection to {host} broke while a command ran"
        raise Interrupted(words, heard.completed(-1, marker)) from error
    if len(heard.stdout) > limit:
        exchange.kill()
        del heard.stdout[limit:]
        return heard.completed(-1, marker, truncated=True)
    return heard.completed(exchange.status(max(1.0, min(10.0, deadline - time.monotonic()))), marker)


@contextmanager
def conversing(
    exchange: CommandSession, host: str, marker: Marker, escalation: Escalation | None, stdin: bytes
) -> Iterator[BinaryIO]:
    """A command's standard output as it comes. Leaving the block before its end kills the command."""
    heard = _begin(exchange, host, marker, escalation, START_SECONDS)
    _send(exchange, stdin, escalation)
    source = _Source(exchange, host, heard)
    try:
        yield cast(BinaryIO, io.BufferedReader(source, 1 << 20))
        if heard.ended and not heard.stdout:
            status = exchange.status(10.0)
            if status != 0:
                said = last_line(_after(marker, bytes(heard.stderr)))
                raise HostError(f"a command on {host} ended with status {status}" + (f": {said}" if said else ""))
    finally:
        exchange.kill()


class _Source(io.RawIOBase):
    """Standard output as a raw file, so that BufferedReader can make the rest of BinaryIO of it."""

    def __init__(self, exchange: CommandSession, host: str, heard: _SessionOutput) -> None:
        super().__init__()
        self._exchange, self._host, self._heard = exchange, host, heard

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        heard = self._heard
        deadline = time.monotonic() + STALL_SECONDS
        while not heard.stdout and not heard.ended:
            if time.monotonic() > deadline:
                raise HostError(f"{self._host} sent nothing for {STALL_SECONDS:g} s in the middle of an answer")
            try:
                _listen(self._exchange, heard, STALL_SECONDS)
            except (OSError, EOFError) as error:
                raise HostError(f"the connection to {self._host} broke in the middle of an answer") from error
        size = min(len(buffer), len(heard.stdout))
        buffer[:size] = heard.stdout[:size]
        del heard.stdout[:size]
        return size


def _listen(exchange: CommandSession, heard: _SessionOutput, seconds: float) -> None:
    out, err, heard.ended = exchange.read(min(seconds, 5.0))
    heard.stdout += out
    if len(heard.stderr) < _ERRORS_LIMIT:
        heard.stderr += err[: _ERRORS_LIMIT - len(heard.stderr)]


def _begin(
    exchange: CommandSession, host: str, marker: Marker, escalation: Escalation | None, seconds: float
) -> _SessionOutput:
    """Wait for the marker; on the way send sudo its password, once, and only after it asked with our own prompt."""
    heard = _SessionOutput()
    answered = 0
    deadline = time.monotonic() + seconds
    try:
        if escalation is not None and escalation.script:
            exchange.write(escalation.script)
        while True:
            at = heard.stdout.find(marker.line)
            if at >= 0:
                heard.noise = bytes(heard.stdout[:at])
                if escalation is not None:
                    heard.noise, _, _ = heard.noise.partition(escalation.number.encode())
                del heard.stdout[: at + len(marker.line)]
                return heard
            if escalation is not None:
                asked = escalation.asked(bytes(heard.stdout), bytes(heard.stderr))
                if asked > answered:
                    answered += 1
                    exchange.write(escalation.answer(host, answered, bytes(heard.stdout + heard.stderr)) + b"\n")
            if heard.ended:
                raise _not_begun(host, escalation, bytes(heard.stderr) or bytes(heard.stdout))
            left = deadline - time.monotonic()
            if left <= 0 or len(heard.stdout) > _NOISE_LIMIT:
                raise _late(host, escalation, seconds, bytes(heard.stdout + heard.stderr), flood=left > 0)
            _listen(exchange, heard, left)
    except (OSError, EOFError) as error:
        exchange.kill()
        raise HostError(f"the connection to {host} broke when a command was started") from error
    except HostError:
        exchange.kill()
        raise


def _not_begun(host: str, escalation: Escalation | None, said: bytes) -> HostError:
    if escalation is not None:
        return escalation.refused(host, said)
    words = last_line(said)
    told = f"; it printed: {words}" if words else ""
    return HostError(
        f"the login shell of {host} ended without running a command: is the account allowed to run commands?{told}"
    )


def _late(host: str, escalation: Escalation | None, seconds: float, said: bytes, *, flood: bool) -> HostError:
    if flood:
        return HostError(f"the login shell of {host} prints endlessly before it runs a command")
    if escalation is not None:
        return escalation.silent(host, seconds, said)
    return HostError(f"the login shell of {host} did not run a command within {seconds:g} s")


def _send(exchange: CommandSession, stdin: bytes, escalation: Escalation | None) -> None:
    def send() -> None:
        if stdin:
            exchange.write(stdin)
        if escalation is None or not escalation.terminal:
            exchange.end_input()

    if len(stdin) <= _INLINE_INPUT:
        send()
        return
    # A command that prints while it reads would block both sides if we only wrote.
    threading.Thread(target=_quietly(send), name="assess-input", daemon=True).start()


def _quietly(act: Callable[[], None]) -> Callable[[], None]:
    def acting() -> None:
        with suppress(OSError, EOFError):  # the reader sees the broken connection and reports it
            act()

    return acting
