"""What to say of a release by its end."""

from __future__ import annotations

from datetime import UTC, date, datetime

from assess.knowledge.end_of_life import ProductRelease
from assess.model import Evidence, Severity
from assess.rule import Hit

_SOON = 365


def end_of_release(title: str, version: str, release: ProductRelease, now: float, evidence: Evidence) -> Hit | None:
    """A Hit when the release is past its end or soon will be. ``now`` is seconds since the epoch."""
    if release.forgotten:
        message = (
            f"{title} {version} is older than every release that is maintained or was ({release.cycle} is the oldest)."
        )
        return Hit(Severity.MAJOR, message, (evidence,))
    if release.ends is None:
        return None
    today = datetime.fromtimestamp(now, UTC).date()
    if release.ends < today:
        days = _days(release.ends, today)
        message = f"{title} {version} is past its end: no updates since {release.ends} ({days} days)."
        return Hit(Severity.MAJOR, message, (evidence,))
    if (days := _days(today, release.ends)) <= _SOON:
        return Hit(Severity.INFO, f"Updates of {title} {version} end on {release.ends}, in {days} days.", (evidence,))
    return None


def _days(start: date, end: date) -> int:
    return (end - start).days
