"""The start of a service as its manager runs it."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from containerize.supervisor.service_spec import SocketStyle

Kind = Literal["simple", "forking", "oneshot"]
"""``simple`` stays in the foreground, ``forking`` ends once its daemon runs, ``oneshot`` does its work and ends."""

SocketProtocol = Literal["stream", "datagram", "seqpacket"]

_MANAGING = frozenset(
    "systemctl udevadm modprobe sysctl systemd-tmpfiles journalctl loginctl invoke-rc.d service".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class ManagedCommand:
    """One command. ``arguments`` begin with the name that the program gets, and ``program`` is its file where that
    is another. ``as_root``: it keeps root although the service has another account (``+`` and ``!`` of systemd).
    """

    arguments: tuple[str, ...] = field(repr=False)
    program: str = ""
    ignore_failure: bool = False
    as_root: bool = False

    @property
    def vector(self) -> tuple[str, ...]:
        """The file of the program, then its arguments."""
        return (self.program or self.arguments[0], *self.arguments[1:])

    @property
    def manages_host(self) -> bool:
        """Whether it manages the host: in a container it fails or changes nothing."""
        program, *rest = self.vector
        text = " ".join(rest)
        return program.rpartition("/")[2] in _MANAGING or any(word in text for word in ("systemctl ", "udevadm "))


@dataclass(frozen=True)
class ManagedDirectory:
    """A directory that the manager makes for the service's account (``RuntimeDirectory=`` …)."""

    path: str
    mode: int


@dataclass(frozen=True)
class ManagedSocket:
    """A socket that the manager opens and passes. ``address`` is ``host:port``, ``port``, a path or ``@name``."""

    protocol: SocketProtocol
    address: str
    style: SocketStyle
    mode: int = 0o666
    user: str = ""
    group: str = ""
    name: str = ""
    instances: int = 0
    ipv6_only: bool = False


@dataclass(frozen=True)
class ManagedStart:
    """All that the manager does at the start and at the end of a service.

    ``source`` names it in words ("the unit nginx.service"), and one that ``notifies`` sends READY=1 (sd_notify(3)).
    ``user``, ``group`` and ``groups`` are names or numbers, "" where the manager changes nothing; ``umask`` is None
    where none is set. ``environment`` may hold secrets; ``passed`` are names of variables that the manager may set
    besides, to values that only the process shows; with ``inherits`` these are all variables that it has.
    ``limits`` are (name as in ulimit, soft, hard) with -1 for unlimited. ``bounding`` is None where nothing is taken
    away. Times are in seconds, 0 for no limit, None where none is set. ``notes`` say what could not be translated.
    """

    source: str
    kind: Kind
    start: tuple[ManagedCommand, ...]
    remain_after_exit: bool = False
    notifies: bool = False
    pre: tuple[ManagedCommand, ...] = ()
    post: tuple[ManagedCommand, ...] = ()
    stop: tuple[ManagedCommand, ...] = ()
    post_stop: tuple[ManagedCommand, ...] = ()
    pid_file: str = ""
    user: str = ""
    group: str = ""
    groups: tuple[str, ...] = ()
    umask: int | None = None
    working_directory: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    passed: frozenset[str] = frozenset()
    inherits: bool = False
    limits: tuple[tuple[str, int, int], ...] = ()
    nice: int = 0
    directories: tuple[ManagedDirectory, ...] = ()
    sockets: tuple[ManagedSocket, ...] = ()
    ambient: tuple[str, ...] = ()
    bounding: tuple[str, ...] | None = None
    ignore_sigpipe: bool = False
    stop_signal: str = ""
    kill_mode: str = "control-group"
    start_seconds: int | None = None
    stop_seconds: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def main(self) -> ManagedCommand | None:
        """The command that stays, or that starts the daemon: the last one."""
        return self.start[-1] if self.start else None

    @property
    def arguments(self) -> tuple[str, ...]:
        """The vector of :attr:`main`, with the file of the program in front."""
        return self.main.vector if self.main else ()

    @property
    def is_script(self) -> bool:
        """Whether an init script is run itself."""
        return self.arguments[1:] == ("start",) and self.arguments[0].startswith(("/etc/init.d/", "/etc/rc.d/"))

    @property
    def commands(self) -> tuple[ManagedCommand, ...]:
        """All commands in the order in which they run."""
        return (*self.pre, *self.start, *self.post, *self.stop, *self.post_stop)


def signal_name(text: str) -> str:
    """The name of a signal that is given by name, with or without SIG, or by number; "" for what is none."""
    text = text.strip()
    name = text if text.startswith("SIG") or not text else f"SIG{text}"
    above = name.removeprefix("SIGRTMIN+")
    if above != name:
        return name if above.isascii() and above.isdigit() and len(above) <= 2 and int(above) <= 30 else ""
    if text.isascii() and text.isdigit():
        try:
            return signal.Signals(int(text)).name
        except ValueError:
            return ""
    return name if name in signal.Signals.__members__ else ""
