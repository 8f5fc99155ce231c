"""What a scan may take from a host, and how it becomes root there command by command."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SECONDS = 32 * 1024 * 1024
"""Bytes that all sections together may say before the one that was being asked is asked alone, under its own cap."""


@dataclass(frozen=True, slots=True)
class Limits:
    """``section_seconds`` and ``output`` (bytes) hold for each section; None and the default: each has its own.

    ``retries``: how often a connection that failed is tried again, after 1, 2, 4 … seconds. ``escalate`` is what a
    single command that needs root is given to (``sudo -n``); "" where none is.
    """

    section_seconds: int | None = None
    output: int = MAX_SECONDS
    retries: int = 0
    escalate: str = ""
