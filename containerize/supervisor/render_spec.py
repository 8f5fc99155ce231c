"""The text file that the supervisor reads: one setting in a line, words apart by spaces, other bytes escaped."""

from __future__ import annotations

from collections.abc import Iterable

from assess.knowledge.capabilities import NAMES
from containerize.supervisor.service_spec import PassedSocket, ServiceCommand, SupervisedService, SupervisorSpec
from inventory.errors import BrownfieldError

FIRST_LINE = "brownfield-services 1"
MOST_BYTES = 1 << 20
"""The binary reads no larger file."""
MOST_SERVICES = 32

_ESCAPES = {ord("\\"): r"\\", ord(" "): r"\s", ord("\n"): r"\n", ord("\t"): r"\t"}


class SupervisorSpecInvalid(BrownfieldError):
    """A service cannot be described to the supervisor."""


def render(spec: SupervisorSpec) -> bytes:
    """The file. Raises SupervisorSpecInvalid for what the binary would not take."""
    if not 0 < len(spec.services) <= MOST_SERVICES:
        raise SupervisorSpecInvalid(
            f"{len(spec.services)} services in one container; from 1 to {MOST_SERVICES} are possible: split it"
        )
    lines = [FIRST_LINE]
    if spec.system_log:
        lines.append("system-log")
    for service in spec.services:
        lines.append(_line("service", service.name))
        lines += ["  " + _line(*words) for words in _settings(service)]
    text = "\n".join(lines).encode("ascii") + b"\n"
    if len(text) > MOST_BYTES:
        raise SupervisorSpecInvalid(
            f"The start of {spec.services[0].name} takes {len(text)} bytes; {MOST_BYTES} is the limit"
        )
    return text


def _settings(service: SupervisedService) -> Iterable[tuple[str, ...]]:
    if not service.start or (len(service.start) > 1 and service.kind != "oneshot"):
        raise SupervisorSpecInvalid(
            f"{service.name} has {len(service.start)} start commands; only a oneshot has several"
        )
    yield "kind", service.kind
    if service.remain_after_exit:
        yield ("remain-after-exit",)
    if service.pid_file:
        yield "pid-file", service.pid_file
    if service.executable:
        yield "executable", service.executable
    yield "account", str(service.uid), str(service.gid), *map(str, service.groups)
    yield "umask", f"{service.umask:04o}"
    yield "working-directory", service.working_directory
    for name, value in service.environment:
        yield "environment", name, value
    for name in service.secrets:
        yield "secret", name
    for name in service.unset:
        yield "unset", name
    for limit in service.limits:
        yield "limit", limit.name.lower(), _amount(limit.soft), _amount(limit.hard)
    if service.nice:
        yield "nice", str(service.nice)
    if service.ignore_sigpipe:
        yield ("ignore-sigpipe",)
    for directory in service.directories:
        kind = "emptied-directory" if directory.emptied else "directory"
        yield kind, directory.path, str(directory.uid), str(directory.gid), f"{directory.mode:04o}"
    yield from (_socket(socket) for socket in service.sockets)
    if service.sockets:
        yield "pass", service.socket_style, str(service.instances), str(service.instances_per_second)
    if service.ambient:
        yield "ambient", *(_capability(name) for name in service.ambient)
    if service.bounding is not None:
        yield "bounding", *(_capability(name) for name in service.bounding)
    yield "stop-signal", service.stop_signal
    yield "kill-mode", service.kill_mode
    yield "seconds", str(service.start_seconds), str(service.stop_seconds)
    for kind, commands in (
        ("pre", service.pre),
        ("start", service.start),
        ("post", service.post),
        ("stop", service.stop),
        ("post-stop", service.post_stop),
    ):
        yield from ((kind, *_command(service, command)) for command in commands)


def _command(service: SupervisedService, command: ServiceCommand) -> tuple[str, ...]:
    """``ignore-failure as-root run PROGRAM ARGV[0] ARGUMENT ...``."""
    program = command.program or (command.argv[0] if command.argv else "")
    if not program.startswith("/") or not command.argv:
        raise SupervisorSpecInvalid(f"{service.name} cannot run {program!r}: the supervisor needs an absolute path")
    options = ["ignore-failure"] * command.ignore_failure + ["as-root"] * command.as_root
    return *options, "run", program, *command.argv


def _socket(socket: PassedSocket) -> tuple[str, ...]:
    name = socket.name or "unknown"
    if socket.protocol in ("tcp", "udp"):
        return "socket", socket.protocol, socket.address, str(socket.port), str(int(socket.ipv6_only)), name
    return "socket", socket.protocol, socket.path, f"{socket.mode:04o}", str(socket.uid), str(socket.gid), name


def _amount(limit: int | None) -> str:
    return "infinity" if limit is None else str(limit)


def _capability(name: str) -> str:
    short = name.upper().removeprefix("CAP_")
    if short not in NAMES:
        raise SupervisorSpecInvalid(f"{name} is not the name of a capability")
    return str(NAMES.index(short))


def _line(*words: str) -> str:
    return " ".join(map(_escaped, words))


def _escaped(word: str) -> str:
    r"""The word in printable ASCII: ``\e`` when empty, ``\s`` for a space, ``\xHH`` for other bytes."""
    raw = word.encode("utf-8", "surrogateescape")
    if b"\0" in raw:
        raise SupervisorSpecInvalid(f"{word[:40]!r} holds a NUL byte, which no argument and no variable can")
    if not raw:
        return r"\e"
    return "".join(_ESCAPES.get(byte) or (chr(byte) if 0x21 <= byte <= 0x7E else f"\\x{byte:02x}") for byte in raw)
