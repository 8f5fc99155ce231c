"""Kernel settings and the files that set them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Sysctl:
    """A setting with dots as separators (a dot within a name, ``eth0.100``, is written ``/``).

    ``value`` is the kernel's, with one space between its words. ``configured_in`` is the sysctl.d file that sets it and
    ``configured_value`` its value there; both "" when none does. ``live`` is False for a setting that a file names and
    the kernel does not have (or did not show); its ``value`` is "".

    ``configured_line`` is the line of that file, from 1, and 0 when it is not known; ``configured_origin`` where the
    recording has it. ``default`` is the kernel's own value, None where it depends on the machine or on how the kernel
    was built (see :mod:`inventory.model.sysctl_defaults`).
    """

    name: str
    value: str
    configured_in: str
    origin: Origin
    configured_value: str = ""
    live: bool = True
    configured_line: int = 0
    configured_origin: Origin | None = None
    default: str | None = None

    @property
    def changed(self) -> bool | None:
        """Whether the value is another than the kernel's own; None when that one is not known."""
        return None if self.default is None or not self.live else self.value != self.default

    @property
    def deviates(self) -> bool:
        """Whether this setting was changed on purpose: a file names it, or its value is not the kernel's own."""
        return bool(self.configured_in) or self.changed is True
