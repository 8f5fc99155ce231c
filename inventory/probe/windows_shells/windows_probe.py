"""Asking a Windows host: one PowerShell script, or command lines for cmd.exe where that is all there is.

The first costs one round trip; a host without PowerShell costs one in vain and two or three more. Nothing is written
on the host.

No watchdog runs there, as there is none in every Windows that could end a program. So a trip gets half of the time that
is left: where a question hangs, what stands behind it is asked in another one, and the question itself once more at its
end, in case that it is only slow.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from inventory.errors import HostError, ProbeFailed
from inventory.platforms import Platform
from inventory.probe.framing import Frames, read_frames
from inventory.probe.windows_shells import command_prompt, powershell
from inventory.probe.windows_shells.decoding import code_page, plain, text
from inventory.recording import Part, SectionRecording
from inventory.section import Section
from inventory.transports.transport import Completed, Interrupted, Transport, Verbatim

_CUT = "the host's answer ended before this section"

_LEAST = 10.0
"""Seconds for which another trip is worth its while."""


class WindowsProbe(NamedTuple):
    """The commands that a probe runs on a Windows host: ``script`` on the standard input of ``command``, or ``lines``
    for cmd.exe.
    """

    command: str
    script: str
    lines: tuple[str, ...]


def windows_probe(sections: Iterable[Section[Any]], nonce: str, *, posix_shell: bool = False) -> WindowsProbe:
    """The commands with which :func:`ask_windows` asks ``sections``."""
    fragments = [
        (section.name, variant.fragment)
        for section in sections
        if (variant := section.variant(Platform.WINDOWS)) is not None
    ]
    script = powershell.compose(fragments, nonce)
    lines = command_prompt.compose(fragments, nonce)
    if posix_shell:
        lines = tuple(map(command_prompt.for_posix_shell, lines))
    return WindowsProbe(powershell.COMMAND, script, lines)


class WindowsAnswer(NamedTuple):
    """The answer of a host, as UTF-8. ``cut`` is the reason why sections are missing among the frames."""

    frames: Frames
    cut: str = _CUT


def ask_windows(
    transport: Transport, sections: Iterable[Section[Any]], *, timeout: float, posix_shell: bool = False
) -> WindowsAnswer:
    """Ask ``sections`` of a Windows host, where the account may log in to a POSIX shell (Cygwin).

    Raises ProbeFailed when neither PowerShell nor cmd.exe answered, and what the transport raises when the connection
    broke before the first answer. ``timeout`` in seconds is for all of it.
    """
    asked = tuple(sections)
    deadline = time.monotonic() + timeout
    first = answer = _trip(transport, asked, _half(deadline), posix_shell)
    found, twice = dict(first.frames.sections), set[str]()
    while answer.cut != _CUT and deadline - time.monotonic() >= _LEAST:
        before = _finished(found)
        hung = {name for name, finished in before.items() if not finished}
        behind = [section for section in asked if section.name not in found]
        again = [section for section in asked if section.name in hung - twice]
        twice |= hung
        try:
            answer = _trip(transport, (*behind, *again), _half(deadline), posix_shell)
        except HostError:
            break  # the connection is gone; what was answered counts
        for name, recording in answer.frames.sections.items():
            if not (recording.unfinished and name in found):
                found[name] = recording
        if _finished(found) == before:
            break
    return WindowsAnswer(replace(first.frames, sections=found, complete=answer.frames.complete), answer.cut)


def _finished(sections: Mapping[str, SectionRecording]) -> dict[str, bool]:
    return {name: not recording.unfinished for name, recording in sections.items()}


def _half(deadline: float) -> float:
    """The moment until which the next trip may take."""
    now = time.monotonic()
    return now + max(1.0, (deadline - now) / 2)


def _trip(transport: Transport, asked: tuple[Section[Any], ...], deadline: float, posix_shell: bool) -> WindowsAnswer:
    limit = sum(variant.cap for each in asked if (variant := each.variant(Platform.WINDOWS))) + (1 << 20)
    nonce = secrets.token_hex(16)
    planned = windows_probe(asked, nonce, posix_shell=posix_shell)
    first = _run(transport, planned.command, planned.script.encode("ascii"), deadline, limit)
    frames = _frames([first], nonce)
    if frames.hello:
        parts = {name: _rewritten(recording, None) for name, recording in frames.sections.items()}
        return WindowsAnswer(replace(frames, sections=parts), first.broken or _CUT)
    if first.broken:
        raise ProbeFailed(first.broken)
    answers: list[_Answered] = []
    for line in planned.lines:
        answers.append(_run(transport, line, b"", deadline, limit))
        if answers[-1].broken or not _frames(answers, nonce).hello:
            break
    frames = _frames(answers, nonce)
    broken = next((answer.broken for answer in answers if answer.broken), "")
    if not frames.hello:
        raise ProbeFailed(
            broken or "neither PowerShell nor cmd.exe ran the probe: is the account allowed to run commands?"
        )
    page = frames.sections.pop(command_prompt.CODE_PAGE, None)
    chcp = page.part("chcp") if page is not None else None
    codec = code_page(chcp.content if chcp is not None else b"")
    parts = {name: _rewritten(recording, codec) for name, recording in frames.sections.items()}
    return WindowsAnswer(replace(frames, sections=parts), broken or _CUT)


class _Answered(NamedTuple):
    completed: Completed
    broken: str


def _run(transport: Transport, command: str, stdin: bytes, deadline: float, limit: int) -> _Answered:
    """Run a command line as it is: Windows has no /bin/sh for the frame that other hosts get around it."""
    run = transport.run_verbatim if isinstance(transport, Verbatim) else transport.run
    try:
        return _Answered(run(command, stdin, timeout=max(1.0, deadline - time.monotonic()), limit=limit), "")
    except Interrupted as error:
        # The sections that were answered before are worth as much as ever.
        return _Answered(error.partial, str(error))


def _frames(answers: list[_Answered], nonce: str) -> Frames:
    said = b"".join(answer.completed.noise + answer.completed.stdout for answer in answers)
    return read_frames(said, b"", nonce)


def _rewritten(recording: SectionRecording, codec: str | None) -> SectionRecording:
    """Every part as UTF-8: from our escapes, or from the code page ``codec`` of cmd.exe."""
    parts: list[Part] = []
    for part in recording.parts:
        content = plain(part.content) if codec is None else text(part.content, codec)
        parts.append(replace(part, content=content))
    return replace(recording, parts=tuple(parts))
