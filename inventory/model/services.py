"""Services as the init system knows them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class UnitSetting:
    """A line ``name=value`` of a unit file or drop-in, redacted. ``path`` is the file; an empty value resets a list."""

    path: str
    name: str
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Service:
    """One service.

    ``manager`` is what starts it: systemd, sysv, upstart, inetd, xinetd, supervisor, runit (also daemontools and s6),
    monit, or inittab. ``name`` has no suffix (``nginx``). ``path`` is the unit file, init script or file of the entry,
    "" when generated. ``properties`` are the systemd properties that are read (``User``, ``ExecStart``,
    ``EnvironmentFiles``, ``RuntimeDirectory`` …), redacted; one that systemd repeats (``ExecStart``) comes once for
    each value. Other managers have ``Command``, ``User``, ``Group``, ``WorkingDirectory``, ``PIDFile`` and, for inetd
    and xinetd, ``Port`` (a number or a name of services(5)), ``Protocol``, ``Bind`` and ``Wait``, each where the entry
    has it. Init scripts have the fields of their comments (``RequiredStart``, ``DefaultStart``, ``Chkconfig``,
    ``PIDFile`` …) and ``RunLevels``, those that start them. ``text`` is the script's or entry's own text (redacted),
    also where systemd generated a unit from it, else "". ``state`` is active, failed, inactive, or "" when the manager
    was not asked; ``pids`` come from MainPID, the manager, or pid files. ``settings`` are the lines of the unit's
    drop-ins and of a unit file below /etc, in the order in which systemd reads them; settings in none of these lines
    come from ``path``.
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
    settings: tuple[UnitSetting, ...] = ()

    def property(self, key: str) -> str:
        """A systemd property, "" when it was not given."""
        return next((value for name, value in self.properties if name == key), "")

    def source_of(self, key: str) -> str:
        """The file that sets ``key`` last, as far as it was read: a drop-in, else the unit's own file."""
        return next((setting.path for setting in reversed(self.settings) if setting.name == key), self.path)


@dataclass(frozen=True, slots=True)
class PidFile:
    """A pid file under /run and the number in it."""

    path: str
    pid: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Services:
    """``manager`` is what runs as init here: systemd, upstart, openrc, sysv, or "" when it could not be told.

    ``triggers`` are systemd's sockets, timers and path units, which start services; their names keep the suffix
    (``ssh.socket``). ``user_units`` are services in the systemd directories of users and of ``/etc/systemd/user``, from
    their files alone: whether they run is seen by their processes.
    """

    manager: str
    services: tuple[Service, ...]
    pid_files: tuple[PidFile, ...]
    triggers: tuple[Service, ...] = ()
    user_units: tuple[Service, ...] = ()
