"""Findings about a release by its end-of-life date."""

from __future__ import annotations

from datetime import UTC, date, datetime

from assess.knowledge.end_of_life import ProductRelease
from assess.model import Evidence, Severity
from assess.rule import Hit

_SOON = 365


def end_of_release(title: str, version: str, release: ProductRelease, now: float, evidence: Evidence) -> Hit | None:
    """Return a Hit when the release has reached end of life or soon will. ``now`` is seconds since the epoch."""
    if release.forgotten:
        message = f"{title} {version} is older than every release on record ({release.cycle} is the oldest)."
        return Hit(Severity.MAJOR, message, (evidence,))
    if release.ends is None:
        return None
    today = datetime.fromtimestamp(now, UTC).date()
    if release.ends < today:
        days = _days(release.ends, today)
        message = f"{title} {version} reached end of life on {release.ends} ({days} days ago)."
        return Hit(Severity.MAJOR, message, (evidence,))
    if (days := _days(today, release.ends)) <= _SOON:
        return Hit(Severity.INFO, f"Support for {title} {version} ends on {release.ends}, in {days} days.", (evidence,))
    return None


def _days(start: date, end: date) -> int:
    return (end - start).days
