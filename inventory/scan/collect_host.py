"""Everything that is done to one host of a scan, with the boundary that no fault of it passes."""

from __future__ import annotations

import random
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from inventory.depth import Depth
from inventory.errors import (
    BrownfieldError,
    HostKeyChanged,
    HostKeyUnknown,
    HostUnreachable,
    LoginRefused,
)
from inventory.host import Host
from inventory.limits import HOST_SECONDS, Limits
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.probe.platform_detection import Detection, detect
from inventory.scan.command_log import CommandRecord, with_command_log
from inventory.sections import SECTIONS
from inventory.store.scan_records import HostResult, Outcome
from inventory.transports import ConnectOptions, Transport, connect
from inventory.transports.ssh_connection import OldCrypto

_UNREACHABLE = (HostUnreachable, HostKeyUnknown, HostKeyChanged, LoginRefused)


@dataclass(frozen=True)
class CollectionRequest:
    """The request to every host alike. Can be pickled. ``key`` is the workspace's redaction key."""

    connect: ConnectOptions
    key: bytes = field(repr=False)
    host_seconds: float = HOST_SECONDS
    depth: Depth = Depth.STANDARD
    only: frozenset[str] = frozenset()
    """Names of sections; empty: all that the depth asks."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class CollectedHost:
    """One host's result. ``bug`` is the redacted traceback of an unexpected error, else "". ``deeds`` are the commands
    that were run there.
    """

    result: HostResult
    bug: str = ""
    deeds: tuple[CommandRecord, ...] = ()


def collect_host(host: Host, question: CollectionRequest) -> CollectedHost:
    """Ask one host. Whatever happens becomes a result; only KeyboardInterrupt and the like pass."""
    began = time.monotonic()
    blank = HostResult(host.name, host.address, host.groups, Platform.OTHER, Outcome.FAILED, taken=time.time())
    bug = ""
    deeds: list[CommandRecord] = []
    try:
        result = _ask_again(host, question, blank, began, deeds)
    except _UNREACHABLE as error:
        result = replace(blank, outcome=Outcome.UNREACHABLE, reason=str(error))
    except BrownfieldError as error:
        result = replace(blank, reason=str(error))
    except Exception as error:  # the boundary of a host: a bug of ours must not cost the others
        bug = _redacted_traceback(error, question.key)
        words = f"a bug of assess ({type(error).__name__}) ended the scan of this host; its log is in the workspace"
        result = replace(blank, reason=words)
    return CollectedHost(replace(result, seconds=time.monotonic() - began), bug, tuple(deeds))


def _ask_again(
    host: Host, question: CollectionRequest, blank: HostResult, began: float, deeds: list[CommandRecord]
) -> HostResult:
    """Ask, and where the connection fails before anything was run, again after 1, 2, 4 … seconds."""
    for attempt in range(question.limits.retries):
        try:
            return _ask(host, question, blank, began, deeds)
        except OldCrypto:
            raise
        except HostUnreachable:
            wait = 2.0**attempt
            if deeds or time.monotonic() - began + wait > question.host_seconds:
                raise
            # Connections from one address range are rejected together; spread out, the retries are not.
            time.sleep(wait * random.uniform(0.75, 1.25))  # noqa: S311 - nothing is secret about it
    return _ask(host, question, blank, began, deeds)


def _ask(
    host: Host, question: CollectionRequest, blank: HostResult, began: float, deeds: list[CommandRecord]
) -> HostResult:
    with connect(host, question.connect) as plain, _deadline(host, plain, question.host_seconds) as late:
        transport = with_command_log(plain, host.name, deeds)
        try:
            return _probe(host, transport, question, blank, began)
        except Exception as error:
            if late.is_set():
                words = f"{host.name} timed out after {question.host_seconds:g} s; skipped"
                return replace(blank, reason=words, user=transport.user)
            if isinstance(error, BrownfieldError):
                return replace(blank, reason=str(error), user=transport.user, privileged=transport.privileged)
            raise


def _probe(
    host: Host, transport: Transport, question: CollectionRequest, blank: HostResult, began: float
) -> HostResult:
    detection = detect(host, transport)
    blank = replace(blank, user=transport.user, privileged=transport.privileged, peer=transport.peer)
    if detection.platform is Platform.OTHER:
        return _unsupported(blank, detection)
    redactor = Redactor(question.key)
    timeout = max(1.0, question.host_seconds - (time.monotonic() - began))
    recording = run_probe(
        transport,
        detection.platform,
        redactor,
        host.name,
        time.time,
        ProbeOptions(
            sections=tuple(section for section in SECTIONS if not question.only or section.name in question.only),
            depth=question.depth,
            limits=question.limits,
            timeout=timeout,
            posix_shell=detection.posix_shell,
        ),
    )
    return replace(
        blank,
        platform=detection.platform,
        outcome=Outcome.ANSWERED,
        taken=recording.taken,
        privileged=recording.privileged,
        recording=recording,
    )


def _unsupported(blank: HostResult, detection: Detection) -> HostResult:
    words = f"{detection.system} is not asked by this version ({detection.evidence})"
    return replace(blank, platform=detection.platform, outcome=Outcome.UNSUPPORTED, reason=words)


@contextmanager
def _deadline(host: Host, transport: Transport, seconds: float) -> Iterator[threading.Event]:
    """Closes the connection when the host's time is over, so that whatever waits for it stops waiting."""
    late = threading.Event()

    def end() -> None:
        late.set()
        transport.close()

    # The probe is given the same time and ends by itself; this is for whatever does not.
    timer = threading.Timer(seconds + 5.0, end)
    timer.name = f"deadline of {host.name}"
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _redacted_traceback(error: Exception, key: bytes) -> str:
    text = "".join(traceback.format_exception(error))
    try:
        return Redactor(key).text(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    except Exception:  # what cannot be redacted must not be kept
        frames = "".join(traceback.format_tb(error.__traceback__))
        return f"{frames}{type(error).__name__}: (its message could not be redacted)\n"
