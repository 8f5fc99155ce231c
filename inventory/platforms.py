"""The platform of a host, decided before the probe is sent."""

from __future__ import annotations

from enum import StrEnum


class Platform(StrEnum):
    """The dialect of the probe of a host. ``OTHER`` is a known system we do not probe (AIX, Solaris …)."""

    POSIX = "posix"
    WINDOWS = "windows"
    OTHER = "other"
