"""The start command of a container: the foreground form of the process that runs on the host."""

from __future__ import annotations

import posixpath
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assess.model import Workload
from containerize.host.file_tree import HostTree
from containerize.host.process_listing import SIGTERM, LiveProcess
from containerize.plan.foreground_start import daemon_for, foreground
from containerize.plan.model import Start
from containerize.plan.start_account import account
from containerize.plan.start_command import start_command
from containerize.secret_values.secret_sources import ARGUMENT_VARIABLE, SecretTest
from inventory.products.product import ForegroundTable

SESSION = frozenset(
    [
        "_",
        "CONSOLE",
        "COLUMNS",
        "DBUS_SESSION_BUS_ADDRESS",
        "DBUS_STARTER_ADDRESS",
        "DBUS_STARTER_BUS_TYPE",
        "INIT_VERSION",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "LINES",
        "LISTEN_FDNAMES",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LS_COLORS",
        "MAIL",
        "MAINPID",
        "MANAGERPID",
        "MEMORY_PRESSURE_WATCH",
        "MEMORY_PRESSURE_WRITE",
        "NOTIFY_SOCKET",
        "OLDPWD",
        "PREVLEVEL",
        "PWD",
        "RUNLEVEL",
        "SHLVL",
        "SSH_AUTH_SOCK",
        "SSH_CLIENT",
        "SSH_CONNECTION",
        "SSH_TTY",
        "SUDO_COMMAND",
        "SUDO_GID",
        "SUDO_UID",
        "SUDO_USER",
        "SYSTEMD_EXEC_PID",
        "TERM",
        "WATCHDOG_PID",
        "WATCHDOG_USEC",
        "XDG_RUNTIME_DIR",
        "XDG_SESSION_CLASS",
        "XDG_SESSION_ID",
        "XDG_SESSION_TYPE",
        "previous",
        "runlevel",
        "BOOT_IMAGE",
        "init",
        "rootmnt",
    ]
)
"""Variables of the login or of the init that started the service: they say nothing of the service."""

USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Starting:
    """The start, and what it asks of the plan besides."""

    start: Start
    shm_bytes: int
    notes: tuple[str, ...]


def make_start(
    workload: Workload,
    processes: Sequence[LiveProcess],
    tree: HostTree,
    inside: Callable[[str], bool],
    secret: SecretTest,
) -> Starting:
    """The start of a workload from its processes, the main one first. ``inside`` says whether the image has a path."""
    process = processes[0]
    notes: list[str] = []
    daemon = daemon_for(process.executable)
    arguments, hidden, reason = _vector(workload, process, daemon, tree, inside, secret)
    if daemon is not None:
        notes += [daemon.note] if daemon.note else []
        if daemon.syslog:
            notes.append("it reports to /dev/log, which no container has: mount a syslog socket, or miss its messages")
    elif workload.service is not None and workload.service.property("Type") == "forking":
        notes.append("its unit sets Type=forking: it may need an option to stay in the foreground")
    environment, secret_names = split_environment(process, secret)
    arguments, variables = hide_arguments(arguments, hidden)
    if process.umask not in (None, 0o022) and not (daemon and daemon.sets_umask):
        arguments = with_umask(arguments, process.umask)
    directory = process.working_directory or "/"
    if directory != "/" and not inside(directory):
        notes.append(f"the working directory {directory} is not in the image; it starts in /")
        directory = "/"
    as_root, account_reason = account(process, workload, daemon.user if daemon else "")
    reason += account_reason
    start = Start(
        arguments=arguments,
        environment=environment,
        secret_environment=(*secret_names, *variables),
        user="0:0" if as_root else f"{process.uid}:{process.gid}",
        working_directory=directory,
        stop_signal=daemon.stop_signal if daemon else _stop_signal(workload),
        init=needs_init(process, several=len(processes) > 1, reaps=daemon is not None and daemon.reaps),
        reason=reason,
        groups=() if as_root else tuple(group for group in process.groups if group != process.gid),
    )
    shm = daemon.shm_bytes if daemon else 0
    if any(path.startswith("/dev/shm/") for path in (*process.mapped, *process.opened)):  # noqa: S108 - compared
        shm = max(shm, 256 << 20)
    return Starting(start, shm or 64 << 20, tuple(notes))


def _vector(
    workload: Workload,
    process: LiveProcess,
    daemon: ForegroundTable | None,
    tree: HostTree,
    inside: Callable[[str], bool],
    secret: SecretTest,
) -> tuple[tuple[str, ...], frozenset[int], str]:
    """(argument vector, places in it that hold secrets, where it comes from)."""
    seen = tuple(argument.decode("utf-8", "surrogateescape") for argument in process.arguments)
    places = secret.arguments(process.arguments)
    name = program_name(process, tree, inside)
    if daemon is not None:
        arguments = foreground(daemon, name, seen)
        # The places have moved; a rewritten command line has nothing secret in it.
        secrets = frozenset(seen[place] for place in places)
        return arguments, frozenset(at for at, word in enumerate(arguments) if word in secrets), daemon.reason
    if rewrote_its_title(process, tree):
        command = start_command(workload.service) if workload.service else ()
        if command and inside(command[0]):
            encoded = [word.encode("utf-8", "surrogateescape") for word in command]
            return command, secret.arguments(encoded), "the command of its unit or init script; it hides its own"
        return (
            (name,),
            frozenset(),
            "its executable alone: it hides its command line, and no other source has it",
        )
    reason = "the main process as it was observed"
    kind = workload.service.property("Type") if workload.service else ""
    if kind in ("simple", "exec", "notify", "notify-reload", "idle"):
        reason += f", which stays in the foreground (Type={kind})"
    elif process.ppid == 1:
        reason += "; it stays in the foreground when it is executed directly, unless it forks by itself"
    return (name, *seen[1:]), places, reason


def _stop_signal(workload: Workload) -> str:
    """KillSignal= of the unit, SIGTERM else."""
    number = workload.service.property("KillSignal") if workload.service else ""
    try:
        return signal.Signals(int(number)).name
    except ValueError:
        return "SIGTERM"


def rewrote_its_title(process: LiveProcess, tree: HostTree) -> bool:
    """Whether a process wrote a title over its command line: one word that names no program of the host.

    Where the title is shorter than what it covers, Ruby (Puma) leaves NULs behind it, which read as empty arguments.
    """
    if any(process.arguments[1:]):
        return False
    if not process.arguments:
        return True
    name = process.arguments[0].decode("utf-8", "surrogateescape")
    resolved = tree.resolve(name) if name.startswith("/") else None
    bare = process.executable.rpartition("/")[2]
    return resolved is None and name != bare and tree.find_program(name, USUAL_PATH.split(":")) is None


def program_name(process: LiveProcess, tree: HostTree, inside: Callable[[str], bool]) -> str:
    """The name to execute: argv[0] where it leads to the executable (programs look at how they are called), with the
    directory that PATH found it in; else the executable itself.

    A title may begin with the name: Debian's Redis is a link to another program, redis-check-rdb, which is a server
    only when it is called ``/usr/bin/redis-server``, and its title is ``/usr/bin/redis-server 127.0.0.1:6379``.
    """
    title = process.arguments[0].decode("utf-8", "surrogateescape") if process.arguments else ""
    search = next((entry[5:] for entry in process.environment if entry.startswith(b"PATH=")), b"")
    places = [
        place for place in (search.decode("utf-8", "surrogateescape") or USUAL_PATH).split(":") if place.startswith("/")
    ]
    for name in dict.fromkeys((title, title.split(" ")[0])):
        path = name if name.startswith("/") else tree.find_program(name, places)
        resolved = tree.resolve(path) if path else None
        if path and resolved is not None and resolved.path == process.executable and inside(resolved.path):
            return posixpath.normpath(path)
    return process.executable


def split_environment(process: LiveProcess, secret: SecretTest) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """(variables without secrets, names of those with), both sorted by name."""
    plain: dict[str, str] = {}
    hidden: set[str] = set()
    for entry in process.environment:
        raw, equals, value = entry.partition(b"=")
        name = raw.decode("utf-8", "surrogateescape")
        # A program that writes its title over its environment leaves pieces of text there.
        if not equals or not name.isidentifier() or not name.isascii() or name in SESSION:
            continue
        if secret.variable(entry):
            hidden.add(name)
            plain.pop(name, None)
        elif name not in hidden:
            plain[name] = value.decode("utf-8", "surrogateescape")
    plain.setdefault("PATH", USUAL_PATH)
    return tuple(sorted(plain.items())), tuple(sorted(hidden))


def hide_arguments(arguments: Sequence[str], hidden: frozenset[int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Take arguments that hold secrets from the environment, by way of a shell: (vector, names of the variables)."""
    if not hidden:
        return tuple(arguments), ()
    names = {index: ARGUMENT_VARIABLE.format(index) for index in sorted(hidden)}
    words = [f'"${{{names[at]}?}}"' if at in names else f'"${{{at + 1}}}"' for at in range(len(arguments))]
    plain = ["" if at in names else argument for at, argument in enumerate(arguments)]
    return ("/bin/sh", "-c", "exec " + " ".join(words), "sh", *plain), tuple(names.values())


def with_umask(arguments: Sequence[str], umask: int) -> tuple[str, ...]:
    """The same vector under another umask, which no image can say."""
    return ("/bin/sh", "-c", f'umask {umask:04o}; exec "$@"', "sh", *arguments)


def needs_init(process: LiveProcess, *, several: bool, reaps: bool) -> bool:
    """Whether a small init must be PID 1: the kernel drops SIGTERM for a PID 1 that has no handler for it, and
    orphans remain zombies under one that does not expect them.
    """
    if not process.handles(SIGTERM):
        return True
    return several and not reaps
