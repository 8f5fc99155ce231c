"""The kernel a host runs on."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Module:
    """A row of /proc/modules. ``taint`` holds its letters: P proprietary, O out of tree, E unsigned."""

    name: str
    size_bytes: int
    use_count: int
    used_by: tuple[str, ...]
    taint: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Kernel:
    """``release`` is ``uname -r``. ``config`` holds CONFIG_ options that are y or m; None when no config was readable.

    ``tainted`` is /proc/sys/kernel/tainted. ``security_modules`` as in /sys/kernel/security/lsm, else what was seen.
    """

    name: str
    release: str
    version: str
    architecture: str
    command_line: str
    tainted: int
    modules: tuple[Module, ...]
    security_modules: tuple[str, ...]
    config: tuple[tuple[str, str], ...] | None
    origin: Origin

    @property
    def number(self) -> tuple[int, int]:
        """Major and minor number of the release, (0, 0) when it has none."""
        head = self.release.split("-")[0].split(".")
        try:
            return int(head[0]), int(head[1])
        except (IndexError, ValueError):
            return 0, 0
