"""The start of a service from its systemd unit (systemd.service(5), systemd.exec(5), systemd.socket(5))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assess.knowledge.capabilities import NAMES
from containerize.start.managed_start import (
    Kind,
    ManagedCommand,
    ManagedDirectory,
    ManagedSocket,
    ManagedStart,
    SocketProtocol,
    signal_name,
)
from containerize.start.unit_text import (
    Fillings,
    UnitText,
    expand_arguments,
    expand_specifiers,
    read_environment_file,
    read_unit,
    seconds,
    split_words,
)
from containerize.supervisor.service_spec import SocketStyle

_DIRECTORIES = {
    "RuntimeDirectory": ("/run", "t", "RUNTIME_DIRECTORY"),
    "StateDirectory": ("/var/lib", "S", "STATE_DIRECTORY"),
    "CacheDirectory": ("/var/cache", "C", "CACHE_DIRECTORY"),
    "LogsDirectory": ("/var/log", "L", "LOGS_DIRECTORY"),
    "ConfigurationDirectory": ("/etc", "E", "CONFIGURATION_DIRECTORY"),
}
"""Setting, parent, letter of its specifier, variable."""

_LIMITS = frozenset(
    "as core cpu data fsize locks memlock msgqueue nofile nproc rss rtprio rttime sigpending stack".split()  # noqa: SIM905
)
_SUFFIXES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_LISTEN: Mapping[str, SocketProtocol] = {
    "ListenStream": "stream",
    "ListenDatagram": "datagram",
    "ListenSequentialPacket": "seqpacket",
}
_NOT_PASSED = ("ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue", "ListenUSBFunction")
_STYLES: Mapping[tuple[bool, bool], SocketStyle] = {
    (False, False): "listen-fds",
    (False, True): "inetd-wait",
    (True, False): "accept-fds",
    (True, True): "inetd-nowait",
}
"""By Accept= and StandardInput=socket."""
_CAPABILITIES = frozenset(f"CAP_{name}" for name in NAMES)


@dataclass(frozen=True)
class UnitFiles:
    """The texts of a unit (its own file, then drop-ins), of the socket units that start it (name, texts), and of
    environment files by the path that the unit gives. None of it may be written down.
    """

    name: str
    texts: tuple[str, ...] = field(repr=False)
    sockets: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    home: str = ""
    hostname: str = ""


def named_environment_files(files: UnitFiles) -> tuple[str, ...]:
    """The paths of ``EnvironmentFile=``, with specifiers filled in."""
    unit = read_unit(files.texts)
    specifiers = _specifiers(files)
    return tuple(expand_specifiers(value.lstrip("-"), specifiers) for value in unit.all("EnvironmentFile"))


def systemd_start(files: UnitFiles) -> ManagedStart | None:
    """Translate; None where the unit has no command."""
    unit = read_unit(files.texts)
    specifiers = _specifiers(files)
    environment, notes = _environment(files, unit, specifiers)
    directories = tuple(_directories(unit, specifiers))
    for setting, (parent, _, variable) in _DIRECTORIES.items():
        if paths := [f"{parent}/{name}" for name, _ in _named(unit, setting, specifiers)]:
            environment.setdefault(variable, ":".join(paths))
    # The supervisor fills in the number of the main process.
    variables = Fillings(f"{files.name}.service", {"MAINPID": "$MAINPID", **environment})
    commands = {
        name: tuple(_commands(unit.all(name), variables, specifiers))
        for name in ("ExecStartPre", "ExecStart", "ExecStartPost", "ExecStop", "ExecStopPost")
    }
    if not commands["ExecStart"]:
        return None
    if unit.enabled("PermissionsStartOnly"):
        for name in commands.keys() - {"ExecStart"}:
            commands[name] = tuple(replace(each, as_root=True) for each in commands[name])
    kind, remain = _kind(unit)
    limits, unread = _limits(unit)
    if unit.last("RootDirectory") or unit.last("RootImage"):
        notes.append(
            "its unit starts it in another root directory; the image has its files at their places on the host"
        )
    sockets, more = _sockets(files, unit)
    return ManagedStart(
        source=f"the unit {files.name}.service",
        kind=kind,
        start=commands["ExecStart"],
        remain_after_exit=remain,
        notifies=unit.last("Type") in ("notify", "notify-reload"),
        pre=commands["ExecStartPre"],
        post=commands["ExecStartPost"],
        stop=commands["ExecStop"],
        post_stop=commands["ExecStopPost"],
        pid_file=_pid_file(expand_specifiers(unit.last("PIDFile"), specifiers)),
        user=expand_specifiers(unit.last("User"), specifiers) or (files.name if unit.enabled("DynamicUser") else ""),
        group=expand_specifiers(unit.last("Group"), specifiers),
        groups=tuple(word for value in unit.all("SupplementaryGroups") for word in value.split()),
        umask=_octal(unit.last("UMask")),
        working_directory=_working_directory(unit, specifiers, files.home),
        environment=environment,
        passed=frozenset(word for value in unit.all("PassEnvironment") for word in value.split()),
        limits=limits,
        nice=_integer(unit.last("Nice")),
        directories=directories,
        sockets=sockets,
        ambient=_capabilities(unit.all("AmbientCapabilities")) or (),
        bounding=_capabilities(unit.all("CapabilityBoundingSet")),
        ignore_sigpipe=unit.last("IgnoreSIGPIPE").lower() not in ("0", "no", "n", "false", "f", "off"),
        stop_signal=signal_name(unit.last("KillSignal")),
        kill_mode=unit.last("KillMode") or "control-group",
        # Without a setting a oneshot has no limit.
        start_seconds=seconds(
            unit.last("TimeoutStartSec") or unit.last("TimeoutSec") or ("infinity" if kind == "oneshot" else "")
        ),
        stop_seconds=seconds(unit.last("TimeoutStopSec") or unit.last("TimeoutSec")),
        notes=(*notes, *unread, *more),
    )


def _kind(unit: UnitText) -> tuple[Kind, bool]:
    kind = unit.last("Type")
    if kind == "forking":
        return "forking", False
    if kind == "oneshot":
        return "oneshot", unit.enabled("RemainAfterExit")
    return "simple", unit.enabled("RemainAfterExit")


def _specifiers(files: UnitFiles) -> Fillings:
    """Specifiers of a unit. Those of accounts are the system manager's, whatever ``User=`` is (systemd.unit(5))."""
    prefix, at, instance = files.name.partition("@")
    values = {
        "n": f"{files.name}.service",
        "N": files.name,
        "p": prefix,
        "P": _unescaped(prefix),
        "i": instance,
        "I": _unescaped(instance),
        "j": prefix.rpartition("-")[2],
        "J": _unescaped(prefix.rpartition("-")[2]),
        "f": f"/{_unescaped(instance if at else prefix).lstrip('/')}",
        "u": "root",
        "U": "0",
        "g": "root",
        "G": "0",
        "h": "/root",
        "s": "/bin/sh",
        "H": files.hostname,
        "l": files.hostname.partition(".")[0],
        "q": files.hostname,
        "t": "/run",
        "S": "/var/lib",
        "C": "/var/cache",
        "L": "/var/log",
        "E": "/etc",
        "T": "/tmp",  # noqa: S108 - a path of the container
        "V": "/var/tmp",  # noqa: S108
    }
    return Fillings(f"{files.name}.service", values)


def _unescaped(name: str) -> str:
    """The path or text that a unit name stands for (systemd-escape(1))."""
    plain = name.replace("-", "/")
    pieces = plain.split("\\x")
    found = [pieces[0]]
    for piece in pieces[1:]:
        try:
            found.append(chr(int(piece[:2], 16)) + piece[2:])
        except ValueError:
            found.append(f"\\x{piece}")
    return "".join(found)


def _environment(files: UnitFiles, unit: UnitText, specifiers: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """(variables, notes). A file wins over ``Environment=``, and a later line over an earlier one."""
    found: dict[str, str] = {}
    notes: list[str] = []
    for value in unit.all("Environment"):
        for word in split_words(value):
            name, equals, text = expand_specifiers(word, specifiers).partition("=")
            if equals and name.isascii() and name.isidentifier():
                found[name] = text
    named = {expand_specifiers(value.lstrip("-"), specifiers): value for value in reversed(unit.all("EnvironmentFile"))}
    # Of a file that is named twice the last reading counts.
    for path, value in reversed(named.items()):
        content = files.environment.get(path)
        if content is not None:
            found |= read_environment_file(content)
        elif not value.startswith("-"):
            notes.append(f"its unit reads variables from {path}, which could not be read on the host")
    for value in unit.all("UnsetEnvironment"):
        for word in split_words(value):
            found.pop(word.partition("=")[0], None)
    return found, notes


def _commands(
    values: Iterable[str], environment: Mapping[str, str], specifiers: Mapping[str, str]
) -> Iterator[ManagedCommand]:
    for value in values:
        run: list[str] = []
        for word in [*split_words(value), ";"]:
            if word != ";":
                run.append(word if word != "\\;" else ";")
            elif run:
                yield _command(run, environment, specifiers)
                run = []


def _command(words: list[str], environment: Mapping[str, str], specifiers: Mapping[str, str]) -> ManagedCommand:
    first = words[0]
    flags = first[: len(first) - len(first.lstrip("@-:+!|"))]
    program = expand_specifiers(first[len(flags) :], specifiers)
    rest = [expand_specifiers(word, specifiers) for word in words[1:]]
    if ":" not in flags:
        rest = expand_arguments(rest, environment)
    # With @ the word behind the path is the name that the program gets.
    named = "@" in flags and len(rest) > 0
    return ManagedCommand(
        tuple(rest) if named else (program, *rest),
        program if named else "",
        ignore_failure="-" in flags,
        as_root="+" in flags or "!" in flags,
    )


def _named(unit: UnitText, setting: str, specifiers: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """(path below the parent, mode)."""
    mode = _octal(unit.last(f"{setting}Mode"))
    for value in unit.all(setting):
        for word in split_words(value):
            path = expand_specifiers(word, specifiers).partition(":")[0].strip("/")
            if path and ".." not in path.split("/"):
                yield path, 0o755 if mode is None else mode


def _directories(unit: UnitText, specifiers: Mapping[str, str]) -> Iterator[ManagedDirectory]:
    for setting, (parent, _, _) in _DIRECTORIES.items():
        for path, mode in _named(unit, setting, specifiers):
            yield ManagedDirectory(f"{parent}/{path}", mode)


def _working_directory(unit: UnitText, specifiers: Mapping[str, str], home: str) -> str:
    value = expand_specifiers(unit.last("WorkingDirectory"), specifiers).lstrip("-")
    return home if value == "~" else value


def _pid_file(value: str) -> str:
    if not value:
        return ""
    if not value.startswith("/"):
        value = f"/run/{value}"
    return f"/run/{value.removeprefix('/var/run/')}" if value.startswith("/var/run/") else value


def _octal(text: str) -> int | None:
    return int(text, 8) if text and len(text) <= 6 and all(char in "01234567" for char in text) else None


def _integer(text: str) -> int:
    digits = text.removeprefix("-").removeprefix("+")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else 0


def _capabilities(values: Sequence[str]) -> tuple[str, ...] | None:
    """The set that remains; None where nothing is said, or where names are taken away from all."""
    words = [word for value in values for word in value.split()]
    if not words or words[0].startswith("~"):
        return None
    return tuple(dict.fromkeys(word for word in words if word in _CAPABILITIES))


def _limits(unit: UnitText) -> tuple[tuple[tuple[str, int, int], ...], list[str]]:
    found: list[tuple[str, int, int]] = []
    unread: list[str] = []
    for section, name in unit.values:
        if section != "Service" or not name.startswith("Limit") or name[5:].lower() not in _LIMITS:
            continue
        value = unit.last(name)
        soft, colon, hard = value.partition(":")
        numbers = _limit(soft), _limit(hard if colon else soft)
        if numbers[0] is None or numbers[1] is None:
            if value:
                unread.append(f"its unit sets {name}={value}, which could not be read")
        else:
            found.append((name[5:].lower(), numbers[0], numbers[1]))
    return tuple(sorted(found)), unread


def _limit(text: str) -> int | None:
    text = text.strip()
    if text == "infinity":
        return -1
    factor = _SUFFIXES.get(text[-1:].upper(), 1)
    digits = text[:-1] if factor > 1 else text
    return int(digits) * factor if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


def _sockets(files: UnitFiles, unit: UnitText) -> tuple[tuple[ManagedSocket, ...], list[str]]:
    standard = unit.last("StandardInput") == "socket"
    units = [(name, read_unit(texts)) for name, texts in files.sockets]
    found = tuple(
        each
        for name, socket in units
        for each in _listening(name, socket, standard, _specifiers(replace(files, name=name.removesuffix(".socket"))))
    )
    notes = [
        f"its socket unit {name} has {setting}=, which is not passed in a container"
        for name, socket in units
        for setting in _NOT_PASSED
        if socket.all(setting, "Socket")
    ]
    return found, notes


def _listening(name: str, socket: UnitText, standard: bool, specifiers: Mapping[str, str]) -> Iterator[ManagedSocket]:
    accept = socket.enabled("Accept", "Socket")
    mode = _octal(socket.last("SocketMode", "Socket"))
    for setting, protocol in _LISTEN.items():
        for value in socket.all(setting, "Socket"):
            yield ManagedSocket(
                protocol=protocol,
                address=expand_specifiers(value, specifiers),
                style=_STYLES[accept, standard],
                mode=0o666 if mode is None else mode,
                user=socket.last("SocketUser", "Socket"),
                group=socket.last("SocketGroup", "Socket"),
                name=socket.last("FileDescriptorName", "Socket") or name,
                instances=_integer(socket.last("MaxConnections", "Socket")) or (64 if accept else 0),
                ipv6_only=socket.last("BindIPv6Only", "Socket") == "ipv6-only",
            )
