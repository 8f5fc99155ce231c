"""The variables that a service is started with: from what starts it, and of the process what that could have set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from containerize.host.process_listing import LiveProcess
from containerize.secret_values.secret_sources import SecretTest
from containerize.start.managed_start import ManagedStart

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
"""Variables of the login or of the init that started the service: they say nothing about the service."""

USUAL_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

_BY_MANAGER = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "LANG", "LANGUAGE"})
"""Variables that an init sets without being asked; LC_* as well."""

Variables = tuple[tuple[tuple[str, str], ...], tuple[str, ...]]
"""(variables without secrets, names of those with), both sorted by name."""


def split_environment(process: LiveProcess, secret: SecretTest) -> Variables:
    """All variables of a process but those of the session that started it."""
    return _split(_own(process).items(), secret, frozenset())


def managed_environment(
    process: LiveProcess, managed: ManagedStart, secret: SecretTest, hidden: frozenset[str]
) -> Variables:
    """The variables that the manager sets, of which ``hidden`` are secret. A program may change its own environment,
    so of the process's only what the manager or its script could have set is used.
    """
    seen = {
        name: value
        for name, value in _own(process).items()
        if managed.inherits or name in _BY_MANAGER or name.startswith("LC_") or name in managed.passed
    }
    return _split({**seen, **managed.environment}.items(), secret, hidden)


def changed_variables(process: LiveProcess, managed: ManagedStart) -> tuple[str, ...]:
    """Names of variables that have another value in the running process than where they are set."""
    seen = _own(process)
    return tuple(sorted(name for name, value in managed.environment.items() if name in seen and seen[name] != value))


def _own(process: LiveProcess) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for entry in process.environment:
        raw, equals, value = entry.partition(b"=")
        name = raw.decode("utf-8", "surrogateescape")
        # A program that writes its title over its environment leaves pieces of text there.
        if equals and name.isidentifier() and name.isascii() and name not in SESSION:
            found[name] = value.decode("utf-8", "surrogateescape")
    return found


def _split(variables: Iterable[tuple[str, str]], secret: SecretTest, hidden: frozenset[str]) -> Variables:
    plain: dict[str, str] = {}
    names: set[str] = set()
    for name, value in variables:
        if name in hidden or secret.variable(f"{name}={value}".encode("utf-8", "surrogateescape")):
            names.add(name)
        else:
            plain[name] = value
    plain.setdefault("PATH", USUAL_PATH)
    return tuple(sorted(plain.items())), tuple(sorted(names))
