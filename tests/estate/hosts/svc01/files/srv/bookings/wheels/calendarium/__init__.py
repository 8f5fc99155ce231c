"""Weeks of the year."""

import datetime
from importlib import metadata


def week(day: str) -> str:
    """Name of the week of a day."""
    year, number, _ = datetime.date.fromisoformat(day).isocalendar()
    return f"week {number} of {year}, by calendarium {metadata.version('calendarium')}"
