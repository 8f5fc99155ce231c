"""Scheduled jobs of cron and at."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class CronJob:
    """One job. ``place`` is its file; ``schedule`` the five fields, ``@daily``, the name of the run-parts directory
    (``daily``), or for a single job of at ``at 2026-11-24T18:00Z``; ``command`` is redacted, and the lines of an at job
    are joined by ``; ``.
    """

    place: str
    user: str
    schedule: str
    command: str
    origin: Origin
