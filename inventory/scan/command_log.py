"""A log of what was run on hosts: for the people who answer for them, and for us when something went wrong.

What a command said is not in it, and no command of ours holds a secret: passwords for sudo go another way. The number
that marks our frames is drawn anew each time, and is written as NONCE, so that equal scripts have equal hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from inventory.errors import WorkspaceError
from inventory.transports.transport import Completed, Interrupted, Transport

_NONCE = 32
"""Hexadecimal digits of the number that marks our frames."""
_DIGIT, _WORD, _OTHER = b"0w "
_WORDS = b"ghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
_KINDS = bytes(_DIGIT if one in b"0123456789abcdef" else _WORD if one in _WORDS else _OTHER for one in range(256))
"""The class of each byte, for ``translate``: a digit of such a number, another part of a word, neither."""
_COMMAND_LONGEST = 4096


@dataclass(frozen=True, slots=True)
class CommandRecord:
    """One command that was run. ``when`` is our clock, seconds since the epoch; ``sha256`` is of its standard input.

    ``exit_status`` is -1 when it did not end by itself; ``received`` are the bytes of both its outputs.
    """

    host: str
    when: float
    user: str
    root: bool
    command: str
    sha256: str
    exit_status: int
    received: int
    seconds: float
    script: bytes = field(default=b"", repr=False)


class LoggingTransport:
    """A transport that records each command that is run through it, and otherwise behaves like the one behind it."""

    def __init__(self, transport: Transport, host: str, deeds: list[CommandRecord]) -> None:
        self._transport, self._host, self._deeds = transport, host, deeds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def run(self, command: str, stdin: bytes = b"", **limits: Any) -> Completed:
        """See :class:`inventory.transports.transport.Transport`."""
        return self._noted(self._transport.run, command, stdin, root=self._transport.privileged, limits=limits)

    def _noted(self, run: Any, command: str, stdin: bytes, *, root: bool, limits: dict[str, Any]) -> Completed:
        when, began = time.time(), time.monotonic()
        status, received = -1, 0
        try:
            completed = cast(Completed, run(command, stdin, **limits))
            status, received = completed.exit_status, len(completed.stdout) + len(completed.stderr)
        except Interrupted as error:
            received = len(error.partial.stdout) + len(error.partial.stderr)
            raise
        else:
            return completed
        finally:
            script = _without_nonce(stdin)
            shown = _without_nonce(command.encode("utf-8", "surrogateescape")).decode("utf-8", "backslashreplace")
            if len(shown) > _COMMAND_LONGEST:  # PowerShell hardly uses standard input: its script is an argument
                script, shown = script or shown.encode(), shown[:200] + " …"
            digest = hashlib.sha256(script).hexdigest() if script else ""
            self._deeds.append(
                CommandRecord(
                    self._host,
                    when,
                    self._transport.user,
                    root,
                    shown,
                    digest,
                    status,
                    received,
                    time.monotonic() - began,
                    script,
                )
            )


def _without_nonce(text: bytes) -> bytes:
    """``text`` with NONCE for each word that is such a number.

    A regular expression does it in a line, and needs 2 ms for the script of a scan, which each host gets.
    """
    kinds = text.translate(_KINDS)
    pieces: list[bytes] = []
    begin = 0
    at = kinds.find(b"0" * _NONCE)
    while at >= 0:
        end = at + _NONCE
        if kinds[at - 1 : at] in (b"", b" ") and kinds[end : end + 1] in (b"", b" "):
            pieces += (text[begin:at], b"NONCE")
            begin = end
        while kinds[end : end + 1] == b"0":
            end += 1
        at = kinds.find(b"0" * _NONCE, end)
    return b"".join((*pieces, text[begin:]))


class LoggingVerbatimTransport(LoggingTransport):
    """The same for a transport that can also run a verbatim command line."""

    def run_verbatim(self, command: str, stdin: bytes = b"", **limits: Any) -> Completed:
        """See :class:`inventory.transports.transport.Verbatim`."""
        return self._noted(self._transport.run_verbatim, command, stdin, root=False, limits=limits)  # type: ignore[attr-defined]


def with_command_log(transport: Transport, host: str, deeds: list[CommandRecord]) -> Transport:
    """``transport``, with each command that is run through it added to ``deeds``."""
    # As isinstance(transport, Verbatim) does, which takes a millisecond up to Python 3.11.
    kind = LoggingVerbatimTransport if hasattr(transport, "run_verbatim") else LoggingTransport
    return cast(Transport, kind(transport, host, deeds))


class CommandLog:
    """The log of a workspace: ``ran/log.jsonl``, one line a command, and ``ran/scripts/SHA256``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "log.jsonl"

    def write(self, deeds: Iterable[CommandRecord]) -> None:
        """Add ``deeds``. Raises WorkspaceError."""
        lines = []
        try:
            (self._folder / "scripts").mkdir(mode=0o700, parents=True, exist_ok=True)
            for deed in deeds:
                values = asdict(deed)
                del values["script"]
                lines.append(json.dumps(values) + "\n")
                script = self._folder / "scripts" / deed.sha256
                if deed.script and not script.exists():
                    script.write_bytes(deed.script)
            if lines:
                with self._file.open("a", encoding="utf-8") as file:
                    file.write("".join(lines))
        except OSError as error:
            raise WorkspaceError(
                f"{self._file} cannot be written ({error.strerror}); free some space, or check it"
            ) from error

    def read(self, host: str | None = None) -> Iterator[CommandRecord]:
        """The deeds in the order in which they were written, without their scripts. A torn last line is left out."""
        try:
            with self._file.open(encoding="utf-8", errors="replace") as file:
                for line in file:
                    deed = _deed(line)
                    if deed is not None and host in (None, deed.host):
                        yield deed
        except FileNotFoundError:
            return
        except OSError as error:
            raise WorkspaceError(f"{self._file} cannot be read ({error.strerror})") from error

    def script(self, sha256: str) -> bytes:
        """The standard input with this hash. Raises WorkspaceError when it is not stored."""
        if re.fullmatch(r"[0-9a-f]{64}", sha256) is None:
            raise WorkspaceError(f"{sha256!r} is not a SHA-256; assess log prints them")
        try:
            return (self._folder / "scripts" / sha256).read_bytes()
        except OSError as error:
            raise WorkspaceError(
                f"this workspace has no script {sha256}; assess log lists those that it has"
            ) from error


def _deed(line: str) -> CommandRecord | None:
    try:
        return CommandRecord(**json.loads(line))
    except (ValueError, TypeError):
        return None
