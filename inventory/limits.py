"""Limits of what a scan takes from a host, and the command that runs others as root there."""

from __future__ import annotations

from dataclasses import dataclass

MAX_OUTPUT = 32 * 1024 * 1024
"""Bytes that all sections may print together; the one that reaches it is asked again alone, under its own cap."""
HOST_SECONDS = 300.0
"""Seconds for everything that is asked of one host."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``section_seconds`` and ``output`` (bytes) hold for each section; None and the default: each has its own.

    ``retries``: the number of further attempts after a failed connection, after 1, 2, 4 … seconds. ``escalate`` is the
    prefix of single commands that need root (``sudo -n``); "" for none.
    """

    section_seconds: int | None = None
    output: int = MAX_OUTPUT
    retries: int = 0
    escalate: str = ""
