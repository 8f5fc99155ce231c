"""Kernel settings."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Sysctl:
    """A setting with dots as separators (a dot within a name, ``eth0.100``, is written ``/``).

    ``value`` is the kernel's, with one space between its words. ``configured_in`` is the sysctl.d file that sets it and
    ``configured_value`` what that file says; both "" when none does. ``live`` is False for a setting that a file names
    and the kernel does not have (or did not show); its ``value`` is "".
    """

    name: str
    value: str
    configured_in: str
    origin: Origin
    configured_value: str = ""
    live: bool = True
