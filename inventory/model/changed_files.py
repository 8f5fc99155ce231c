"""Files that differ from what their package brought."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model.packages import ShippedFile
from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that is not as its package brought it.

    ``package`` is "" where the package manager verifies without naming it. ``differences`` are of ``content``,
    ``missing``, ``mode``, ``owner``, ``group``, ``link``, ``device``, ``capabilities``. ``configuration``: the package
    manager holds it to be a file that people change.
    """

    path: str
    package: str
    configuration: bool
    differences: tuple[str, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """``scope`` describes what was compared; ``files`` those that differ, by path. ``shipped`` are configuration files
    that are as their package brought them; those of dpkg are among its packages.
    """

    scope: str
    files: tuple[ChangedFile, ...]
    shipped: tuple[ShippedFile, ...] = ()
