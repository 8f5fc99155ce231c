"""The start of a service from its entry: supervisor, runit, upstart, inittab, monit, inetd, xinetd, rc.local."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from containerize.start.managed_start import Kind, ManagedCommand, ManagedSocket, ManagedStart, signal_name
from containerize.start.shell_expansion import expanded, tokens
from containerize.start.shell_script import read_script
from containerize.start.unit_text import split_words
from inventory.model.services import Service

_OCTAL = re.compile(r"[0-7]{1,5}")
_ASSIGNS = re.compile(r"\s{0,99}\w{1,127}=")
_EXPANSION = re.compile(r"%(?:%|\((\w{1,64})\)0?\d{0,2}[sd])")
_PAIR = re.compile(r"([A-Za-z_]\w{0,127})\s{0,9}=\s{0,9}(\"[^\"]*\"|'[^']*'|[^,\"']*)")
_MOST_ALIASES = 20
_EXPECTS = {"fork": "forking", "daemon": "forking"}
_CHPST_VALUES = frozenset("-u -U -b -e -/ -C -n -l -L -m -d -o -p -f -c".split())  # noqa: SIM905


def entry_start(service: Service, ports: Mapping[str, int]) -> ManagedStart | None:
    """The start by an entry whose text is not redacted; None where it cannot be known. ``ports`` are the numbers of
    ``ftp/tcp`` and the like.
    """
    reader = _READERS.get(service.manager)
    if service.manager in ("inetd", "xinetd"):
        return _super_server(service, ports)
    return reader(service) if reader else None


def read_ports(text: str) -> dict[str, int]:
    """The ports of services(5) by name and protocol: ``ftp/tcp``. Aliases are names, too."""
    found: dict[str, int] = {}
    for line in text.split("\n"):
        name, place, *aliases = [*line.partition("#")[0].split(), "", ""][: _MOST_ALIASES + 2]
        number, _, protocol = place.partition("/")
        if 0 < _number(number) < 65536:
            for each in (name, *aliases):
                found.setdefault(f"{each}/{protocol}", int(number))
    return found


def _source(service: Service) -> str:
    return f"the entry {service.name} of {service.manager} ({service.path})"


def _account(service: Service) -> tuple[str, str]:
    user, _, group = service.property("User").strip().partition(":")
    return user, service.property("Group") or group


def _umask(service: Service) -> int | None:
    text = service.property("UMask").strip()
    return int(text, 8) if _OCTAL.fullmatch(text) else None


def _command(text: str, variables: Mapping[str, str] | None = None) -> ManagedCommand:
    """A line for a shell: its words where they can be known, else a shell that becomes it."""
    text = text.strip()
    known = variables or {}
    words: list[str] = []
    for token in tokens(text):
        if isinstance(token, str):
            return ManagedCommand(("/bin/sh", "-c", text))
        found = expanded(token, known)
        if found is None or any(piece.variable and piece.variable not in known for piece in token):
            return ManagedCommand(("/bin/sh", "-c", text if _ASSIGNS.match(text) else f"exec {text}"))
        words += found
    return ManagedCommand(tuple(words)) if words and "=" not in words[0] else ManagedCommand(("/bin/sh", "-c", text))


def _supervisor(service: Service) -> ManagedStart | None:
    """``[program:NAME]`` of supervisor: no shell, and values with ``%(name)s``, of which only the program's name is
    known here. The process shows what the others became.
    """

    def filled(text: str) -> str:
        """The value, "" where it cannot be known."""
        pieces = list(_EXPANSION.finditer(text))
        if any(each[1] not in (None, "program_name") for each in pieces):
            return ""
        return _EXPANSION.sub(lambda each: service.name if each[1] else "%", text)

    words = split_words(filled(service.property("Command")))
    if not words:
        return None
    user, group = _account(service)
    pairs = _PAIR.findall(service.property("Environment"))
    values = {name: (text, filled(text)) for name, text in pairs}
    return ManagedStart(
        source=_source(service),
        kind="simple",
        start=(ManagedCommand(tuple(words)),),
        user=user,
        group=group,
        umask=_umask(service),
        working_directory=filled(service.property("WorkingDirectory")),
        environment={name: value.strip().strip("\"'") for name, (text, value) in values.items() if value or not text},
        inherits=True,
        stop_signal=signal_name(service.property("KillSignal").upper()) or "SIGTERM",
        stop_seconds=10,
    )


def _runit(service: Service) -> ManagedStart | None:
    """A run script: the command that it becomes, under what chpst(8) and its like set; else the script itself."""
    folder = service.path.rpartition("/")[0]
    itself = ManagedStart(
        source=f"the run script {service.path}",
        kind="simple",
        start=(ManagedCommand((service.path,)),),
        working_directory=folder,
    )
    script = read_script(service.text, {}, lambda _path: True, service.path)
    # `exec 2>&1` only redirects.
    calls = [call for call in script.calls if call.words[:1] == ("exec",) and len(call.words) > 1]
    others = [call for call in script.calls if call.words[:1] not in (("exec",), ("echo",), ("set",), ("sleep",))]
    if (
        not script.complete
        or len(calls) != 1
        or None in calls[0].words
        or not calls[0].certain
        or others
        or script.unread
    ):
        return itself
    words = [word for word in calls[0].words[1:] if word is not None]
    user = ""
    while words:
        name = words[0].rpartition("/")[2]
        if name in ("setuidgid", "s6-setuidgid") and len(words) > 2:
            user, words = words[1], words[2:]
        elif name == "chpst" and len(words) > 2:
            options = words[1:]
            while options and options[0].startswith("-"):
                flag = options[0][:2]
                attached = options[0][2:]
                if flag not in _CHPST_VALUES:
                    options = options[1:]
                    continue
                if flag != "-u":
                    return itself
                user = attached or (options[1] if len(options) > 1 else "")
                options = options[1:] if attached else options[2:]
            words = options
        else:
            break
    account, _, group = user.lstrip(":").partition(":")
    if not words or not words[0].startswith("/"):
        return itself
    exported = {name: value for name in script.exported if (value := script.variables.get(name)) is not None}
    return ManagedStart(
        source=f"the run script {service.path}",
        kind="simple",
        start=(ManagedCommand(tuple(words)),),
        user=account,
        group=group,
        environment=exported,
        inherits=True,
        working_directory=folder,
    )


def _upstart(service: Service) -> ManagedStart | None:
    environment = {}
    for name, value in service.properties:
        if name == "Environment" and "=" in value:
            key, _, text = value.partition("=")
            environment[key.strip()] = text.strip().strip("\"'")
    if not service.property("Command"):
        return None
    kind: Kind = "forking" if service.property("Type") in _EXPECTS else "simple"
    user, group = _account(service)
    limits = []
    for name, value in service.properties:
        numbers = value.split(":")
        if name.startswith("Limit") and len(numbers) == 2:
            soft, hard = (-1 if each == "unlimited" else _number(each) for each in numbers)
            limits.append((name[5:].lower(), soft, hard))
    return ManagedStart(
        source=_source(service),
        kind=kind,
        start=(_command(service.property("Command"), environment),),
        user=user,
        group=group,
        umask=_umask(service),
        working_directory=service.property("WorkingDirectory"),
        environment=environment,
        limits=tuple(limits),
        stop_signal=signal_name(service.property("KillSignal").upper()),
    )


def _line(service: Service) -> ManagedStart | None:
    """A line of inittab, rc.local or monit. Whether what rc.local starts stays in the foreground is not known."""
    if not service.property("Command"):
        return None
    user, group = _account(service)
    respawned = service.property("Restart") == "always"
    return ManagedStart(
        source=_source(service),
        kind="simple" if respawned else "forking",
        start=(_command(service.property("Command")),),
        pid_file=service.property("PIDFile"),
        user=user,
        group=group,
        start_seconds=None if respawned else 0,
    )


def _super_server(service: Service, ports: Mapping[str, int]) -> ManagedStart | None:
    """An entry of inetd or xinetd: the server gets the connection, or the socket, as its input and output."""
    words = service.property("Command").split()
    port = service.property("Port")
    protocol = service.property("Protocol")
    number = _number(port) or ports.get(f"{port}/{protocol[:3]}", 0)
    if not words or not words[0].startswith("/") or not number or not protocol.startswith(("tcp", "udp")):
        return None
    user, group = _account(service)
    bind = service.property("Bind")
    return ManagedStart(
        source=_source(service),
        kind="simple",
        start=(ManagedCommand(tuple(words)),),
        user=user,
        group=group,
        sockets=(
            ManagedSocket(
                protocol="stream" if protocol.startswith("tcp") else "datagram",
                address=f"{bind}:{number}" if bind and bind != "*" else str(number),
                style="inetd-wait" if service.property("Wait") == "yes" else "inetd-nowait",
                name=service.name,
                instances=64,
            ),
        ),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


_READERS: Mapping[str, Callable[[Service], ManagedStart | None]] = {
    "supervisor": _supervisor,
    "runit": _runit,
    "upstart": _upstart,
    "inittab": _line,
    "monit": _line,
    "rc.local": _line,
}
