"""The probe: one script with every section's question, sent on the standard input of one command.

What the host says becomes a recording, redacted. How Windows is asked is in
:mod:`inventory.probe.windows_shells.windows_probe`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from inventory.cpu_limit import CpuLimitExceeded
from inventory.depth import Depth
from inventory.errors import HostError, ProbeFailed
from inventory.limits import HOST_SECONDS, Limits
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.policy_version import POLICY
from inventory.probe.framing import Frames, read_frames
from inventory.probe.script import COMMAND, compose
from inventory.probe.windows_shells.windows_probe import ask_windows
from inventory.recording import Recording, SectionRecording
from inventory.section import Section
from inventory.sections import SECTIONS
from inventory.transports.transport import Interrupted, Transport

OUTSIDE_LIMIT = 16 * 1024


@dataclass(frozen=True)
class ProbeOptions:
    """The questions to a host and what they may cost it. ``timeout`` is in seconds, for one trip.

    ``posix_shell``: the account of a Windows host logs in to a POSIX shell.
    """

    sections: tuple[Section[Any], ...] = SECTIONS
    depth: Depth = Depth.STANDARD
    limits: Limits = field(default_factory=Limits)
    timeout: float = HOST_SECONDS
    posix_shell: bool = False


def run_probe(
    transport: Transport,
    platform: Platform,
    redactor: Redactor,
    host: str,
    now: Callable[[], float],
    options: ProbeOptions | None = None,
) -> Recording:
    """Ask ``host`` everything that belongs to the depth and return its redacted recording.

    ``now`` gives seconds since the epoch. Raises ProbeFailed when the answer has no frames at all; a single section
    without an answer is named in ``Recording.missing``.
    """
    options = options or ProbeOptions()
    redactor = redactor.within(host.encode("utf-8", "surrogateescape"))
    sections = tuple(section for section in options.sections if options.depth.includes(section.depth))
    recording = Recording(
        host, platform.value, 0.0, (), transport.user, False, redaction_policy=POLICY, depth=options.depth
    )
    if platform is Platform.OTHER:
        reason = f"{platform.value} hosts cannot be asked this yet"
        return replace(recording, taken=now(), missing={section.name: reason for section in sections})
    sections = tuple(section for section in sections if section.variant(platform) is not None)
    if platform is Platform.WINDOWS:
        answer = ask_windows(transport, sections, timeout=options.timeout, posix_shell=options.posix_shell)
        frames, cut = answer.frames, answer.cut
    else:
        frames, cut = _ask_posix(transport, sections, redactor, options)
    taken = now()
    kept, missing = _redacted(frames, sections, redactor, platform, cut)
    return replace(
        recording,
        taken=taken,
        user=transport.user,
        sections=kept,
        missing=missing,
        privileged=frames.uid == 0,
        outside=redactor.text(frames.outside[:OUTSIDE_LIMIT]),
    )


def _ask_posix(
    transport: Transport, sections: tuple[Section[Any], ...], redactor: Redactor, options: ProbeOptions
) -> tuple[Frames, str]:
    """The answer of a POSIX host, and the reason why a section may be missing."""
    frames, cut = _one_trip(transport, sections, redactor, options)
    lost = tuple(section for section in sections if section.name not in frames.sections)
    if frames.complete and lost:
        # Where the shared cap is passed by less than a pipe holds, the worker may be done before `head` ends, and
        # nothing on the host shows what was cut off. What was answered counts, whatever becomes of the second trip.
        with suppress(HostError):
            again, cut = _one_trip(transport, lost, redactor, options)
            frames.sections.update(again.sections)
    return frames, cut


def _one_trip(
    transport: Transport, sections: tuple[Section[Any], ...], redactor: Redactor, options: ProbeOptions
) -> tuple[Frames, str]:
    """One command: what it answered, and why a section may be missing. Raises ProbeFailed, Interrupted."""
    nonce = secrets.token_hex(16)
    limits = options.limits
    script = compose(
        sections,
        nonce,
        escalate=limits.escalate,
        depth=options.depth,
        most=limits.output,
        seconds=limits.section_seconds,
    )
    caps = [min(variant.cap, limits.output) for section in sections if (variant := section.variant(Platform.POSIX))]
    limit = sum(caps) + limits.output + (1 << 20)
    cut = "the host's answer ended before this section"
    interrupted: Interrupted | None = None
    try:
        completed = transport.run(COMMAND, script.encode(), timeout=options.timeout, limit=limit)
    except Interrupted as error:
        # The sections that were answered before are worth as much as ever.
        interrupted, completed, cut = error, error.partial, str(error)
    frames = read_frames(completed.noise + completed.stdout, completed.stderr, nonce)
    if not frames.hello:
        if interrupted is not None:
            raise interrupted
        raise ProbeFailed(_no_frames(completed.stdout, completed.stderr, redactor))
    return frames, cut


def _redacted(
    frames: Frames, sections: tuple[Section[Any], ...], redactor: Redactor, platform: Platform, cut: str
) -> tuple[tuple[SectionRecording, ...], dict[str, str]]:
    """The answers to ``sections``, redacted, and the reasons of those that are missing."""
    kept: list[SectionRecording] = []
    missing: dict[str, str] = {}
    for section in sections:
        raw = frames.sections.get(section.name)
        if raw is None:
            missing[section.name] = cut
            continue
        try:
            kept.append(section.redacted(raw, redactor, platform))
        except Exception as error:  # what cannot be redacted must not be kept
            why = str(error) if isinstance(error, CpuLimitExceeded) else type(error).__name__
            missing[section.name] = f"the answer could not be redacted ({why}) and was dropped"
    return tuple(kept), missing


def _no_frames(stdout: bytes, stderr: bytes, redactor: Redactor) -> str:
    said = redactor.text((stderr.strip() or stdout.strip())[-300:]).decode("utf-8", "replace")
    words = " ".join("".join(character if character.isprintable() else " " for character in said).split())
    if not words:
        return "the login shell ended without running the probe: is the account allowed to run commands?"
    return f"the login shell did not run the probe; it printed: {words}"
