"""Services as the init system knows them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    ``manager`` is systemd or sysv. ``name`` has no suffix (``nginx``). ``path`` is the unit file or init script, ""
    when generated. ``properties`` are the systemd properties that were asked for (``User``, ``ExecStart``,
    ``EnvironmentFiles``, ``RuntimeDirectory`` …), redacted; one that systemd repeats (``ExecStart``) comes once for
    each value. ``text`` is the init script's own text (redacted), also where systemd generated a unit from it, else "".
    ``state`` is active, failed, inactive, or "" for sysv; ``pids`` come from MainPID or pid files.
    """

    name: str
    manager: str
    path: str
    description: str
    state: str
    enabled: bool | None
    pids: tuple[int, ...]
    properties: tuple[tuple[str, str], ...]
    text: str
    origin: Origin

    def property(self, key: str) -> str:
        """A systemd property, "" when it was not given."""
        return next((value for name, value in self.properties if name == key), "")


@dataclass(frozen=True, slots=True)
class PidFile:
    """A pid file under /run and the number in it."""

    path: str
    pid: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Services:
    """``manager`` is what runs as init here: systemd, sysv, or "" when it could not be told.

    ``triggers`` are systemd's sockets and timers, which start services; their names keep the suffix (``ssh.socket``).
    """

    manager: str
    services: tuple[Service, ...]
    pid_files: tuple[PidFile, ...]
    triggers: tuple[Service, ...] = ()
