"""The services that the supervisor runs in one container, and how it starts, watches and stops each.

The fields follow systemd.service(5), systemd.exec(5) and inetd.conf(5). No shell interprets them: a command is a
vector, and only ``$MAINPID`` is filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ServiceKind = Literal["simple", "notify", "forking", "oneshot"]
KillMode = Literal["control-group", "mixed", "process", "none"]
SocketProtocol = Literal["tcp", "udp", "unix-stream", "unix-dgram", "unix-seqpacket"]
MOST_INSTANCES = 1024
"""The supervisor runs no more of one service at a time."""

LEAST_URGENT = 19
"""The highest number of a priority (nice(2))."""

SocketStyle = Literal["listen-fds", "accept-fds", "inetd-wait", "inetd-nowait"]


@dataclass(frozen=True, slots=True)
class ServiceCommand:
    """One command. ``program`` is the absolute path of the file to run; empty stands for ``argv[0]``.

    A status other than 0 stops the start unless ``ignore_failure``. ``as_root`` keeps the supervisor's own account,
    capabilities and groups. In ``post``, ``stop`` and ``post_stop`` commands, ``$MAINPID`` as a word and ``${MAINPID}``
    anywhere stand for the main process, which also is the variable MAINPID.
    """

    argv: tuple[str, ...]
    program: str = ""
    ignore_failure: bool = False
    as_root: bool = False


@dataclass(frozen=True, slots=True)
class ServiceLimit:
    """A resource limit by the lower-case name of its constant without ``RLIMIT_``; None is no limit."""

    name: str
    soft: int | None
    hard: int | None


@dataclass(frozen=True, slots=True)
class ServiceDirectory:
    """A directory that exists before the first command, with its missing parents (root's, 0755).

    ``emptied`` removes what is in it at each start, for what a boot of the host finds empty. Symbolic links in the path
    are followed only where none but root can have made them.
    """

    path: str
    uid: int
    gid: int
    mode: int
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class PassedSocket:
    """A socket that the supervisor opens. ``address`` and ``port`` are for tcp and udp (``::`` also takes IPv4 unless
    ``ipv6_only``); ``path``, ``mode``, ``uid`` and ``gid`` are for Unix sockets, and ``@name`` is an abstract one.
    ``name`` is the socket's word in LISTEN_FDNAMES.
    """

    protocol: SocketProtocol
    address: str = ""
    port: int = 0
    path: str = ""
    mode: int = 0o666
    uid: int = 0
    gid: int = 0
    name: str = ""
    ipv6_only: bool = False


@dataclass(frozen=True, slots=True)
class SupervisedService:
    """One service.

    ``kind`` is when the start is over: "simple" at once; "notify" when the service sends READY=1; "forking" when the
    command has ended with 0 and ``pid_file`` names a living process, or without one some process is left; "oneshot"
    when all start commands have ended. With ``remain_after_exit`` a oneshot counts as running until it is stopped, or,
    where it left processes behind, until the last of these ends. ``executable`` tells the main process from its helpers
    where several are left.

    ``environment`` is laid over the container's; ``secrets`` are names of the container's variables that only the
    services that list them get; ``unset`` are names to remove. ``ambient`` and ``bounding`` are names of capabilities
    (``CAP_CHOWN``); bounding None keeps all.

    All sockets are passed in one style: "listen-fds" (LISTEN_FDS; a service that ends with status 0 starts again with
    the next traffic), "accept-fds" (one instance for each connection, as descriptor 3), "inetd-nowait" (the same, as
    descriptors 0, 1 and 2) or "inetd-wait" (the socket as descriptor 0 of one instance, at the first traffic).
    ``instances`` limits those that run at a time and ``instances_per_second`` those that start: connections wait.

    Seconds of 0 are no limit. ``stop_signal`` is a name like SIGTERM or SIGRTMIN+3; it goes to the processes that
    ``kill_mode`` says, and SIGKILL to what is left after ``stop_seconds``.
    """

    name: str
    start: tuple[ServiceCommand, ...]
    kind: ServiceKind = "simple"
    remain_after_exit: bool = False
    pre: tuple[ServiceCommand, ...] = ()
    post: tuple[ServiceCommand, ...] = ()
    stop: tuple[ServiceCommand, ...] = ()
    post_stop: tuple[ServiceCommand, ...] = ()
    pid_file: str = ""
    executable: str = ""
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    umask: int = 0o022
    working_directory: str = "/"
    environment: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    limits: tuple[ServiceLimit, ...] = ()
    nice: int = 0
    ignore_sigpipe: bool = False
    directories: tuple[ServiceDirectory, ...] = ()
    sockets: tuple[PassedSocket, ...] = ()
    socket_style: SocketStyle = "listen-fds"
    instances: int = 64
    instances_per_second: int = 200
    ambient: tuple[str, ...] = ()
    bounding: tuple[str, ...] | None = None
    stop_signal: str = "SIGTERM"
    kill_mode: KillMode = "control-group"
    stop_seconds: int = 90
    start_seconds: int = 90


@dataclass(frozen=True, slots=True)
class SupervisorSpec:
    """The services of one container in the order of their start; they stop in reverse. The container ends with the
    first that ends (a oneshot that succeeds does not count). Signals other than SIGTERM and SIGINT go to the last one's
    main process.

    ``system_log`` answers at ``/dev/log`` where nothing else does, and prints what services send there.
    """

    services: tuple[SupervisedService, ...]
    system_log: bool = True
