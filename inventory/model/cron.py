"""Scheduled jobs of cron."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class CronJob:
    """One job. ``place`` is the file it stands in; ``schedule`` the five fields, ``@daily``, or the name of the
    run-parts directory (``daily``); ``command`` is redacted.
    """

    place: str
    user: str
    schedule: str
    command: str
    origin: Origin
