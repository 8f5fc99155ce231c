"""Read units, init scripts and entries again on the host, in the form in which their manager reads them.

The inventory has them redacted. What a build hears stays in memory: an environment may hold secrets.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from assess.model import Workload
from containerize.host.answer_parts import ask
from containerize.start.entry_start import entry_start, read_ports
from containerize.start.init_script import init_script_start, script_itself, sourced_files
from containerize.start.managed_start import ManagedStart
from containerize.start.systemd_start import UnitFiles, named_environment_files, systemd_start
from inventory.model.services import Service, Services
from inventory.privacy.secrets.recognition import recognised
from inventory.privacy.secrets.word_search import WordSearch
from inventory.recording import Part, SectionRecording
from inventory.sections.supervision.services import supervisor_entries
from inventory.transports.transport import Transport

LARGEST = 256 << 10
"""Bytes of a file that are read; no unit or script is larger."""

_PORTS = "/etc/services"
LARGEST_ENTRY = 16 << 20
"""Bytes of a file of entries with its path before each line."""

_OF_THE_KERNEL = "/proc/*|/sys/*|/dev/*"
"""Files that are regular only by name: /proc/kmsg waits for the next message and takes it from others. The account that
owns a file of variables may put a link to one in its place.
"""

_SCRIPT_PLACES = ("/etc/init.d/", "/etc/rc.d/init.d/")


@dataclass(frozen=True)
class SourceFiles:
    """Texts by path, and what the host has."""

    texts: Mapping[str, str] = field(repr=False)
    has: Callable[[str], bool]

    def exists(self, path: str) -> bool:
        """Whether a script finds ``path`` in a container: nothing there says that systemd runs."""
        return not path.startswith("/run/systemd") and (path in self.texts or self.has(path))


@dataclass(frozen=True)
class StartSources:
    """The start of each service by the id of its workload, and the files that set variables for it. ``secret`` are
    names of variables that must not be written down.
    """

    starts: Mapping[str, ManagedStart]
    variable_files: tuple[str, ...] = ()
    secret: Mapping[str, frozenset[str]] = field(default_factory=dict)


NO_SOURCES = StartSources({})


def read_sources(
    transport: Transport,
    members: Sequence[Workload],
    services: Services | None,
    passwd: bytes,
    has: Callable[[str], bool],
    hostname: str = "",
) -> StartSources:
    """Ask the host, in two rounds: the second reads what the first names. ``has`` tells whether the host has a path.
    Raises HostError from the transport.
    """
    wanted = {member.id: member.service for member in members if member.service is not None}
    sockets = {name: _socket_units(service, services) for name, service in wanted.items()}
    paths = [path for service in wanted.values() for path in _own_files(service)]
    paths += [path for units in sockets.values() for unit in units for path in _unit_paths(unit)]
    if any(service.manager in ("inetd", "xinetd") for service in wanted.values()):
        paths.append(_PORTS)
    texts = _read(transport, paths)
    homes = _homes(passwd)
    units = {
        name: _unit_files(service, sockets[name], texts, hostname)
        for name, service in wanted.items()
        if service.manager == "systemd"
    }
    more = [path for unit in units.values() for path in named_environment_files(unit)]
    for service in wanted.values():
        script = _script_path(service)
        if script:
            more += sourced_files(texts.get(script, ""), script.rpartition("/")[2])
    found = _read(transport, [path for path in more if path not in texts])
    texts = {**texts, **found}
    starts: dict[str, ManagedStart] = {}
    secret: dict[str, frozenset[str]] = {}
    for name, service in wanted.items():
        start = _start_of(service, units.get(name), SourceFiles(texts, has), homes)
        if start is not None:
            starts[name] = start
            secret[name] = secret_names(
                start, {path: texts[path] for path in (*_own_files(service), *more) if path in texts}
            )
    return StartSources(starts, tuple(dict.fromkeys(found)), secret)


def secret_names(start: ManagedStart, texts: Mapping[str, str]) -> frozenset[str]:
    """Variables whose value a file shows to be secret, by the inventory's own recognition."""
    values = {
        value
        for path, text in texts.items()
        for _, value in recognised(text.encode("utf-8", "surrogateescape"), path)
        if value
    }
    if not values:
        return frozenset()
    search = WordSearch(values)
    return frozenset(
        name for name, text in start.environment.items() if search.any_in(text.encode("utf-8", "surrogateescape"))
    )


def _start_of(
    service: Service, unit: UnitFiles | None, files: SourceFiles, homes: Mapping[str, str]
) -> ManagedStart | None:
    script = _script_path(service)
    if script and script in files.texts:
        return _of_script(script, files)
    if unit is not None:
        unit = replace(unit, environment=files.texts)
        start = systemd_start(unit)
        if start is not None and start.user in homes:
            return systemd_start(replace(unit, home=homes[start.user]))
        return start
    raw = _raw_entry(service, files.texts.get(service.path, ""))
    return entry_start(raw, read_ports(files.texts.get(_PORTS, ""))) if raw is not None else None


def _of_script(path: str, files: SourceFiles) -> ManagedStart:
    text = files.texts[path]
    return init_script_start(path.rpartition("/")[2], path, text, files.texts, files.exists) or script_itself(path)


def _script_path(service: Service) -> str:
    """The init script of a service, also where systemd made a unit of it or monit calls it."""
    if service.manager == "sysv":
        return service.path
    generated = service.property("SourcePath") if service.manager == "systemd" else ""
    if service.manager == "monit":
        generated = service.property("Command").partition(" ")[0]
    return generated if generated.startswith(_SCRIPT_PLACES) else ""


def _own_files(service: Service) -> tuple[str, ...]:
    script = _script_path(service)
    paths = _unit_paths(service) if service.manager == "systemd" else (service.path,)
    return (*paths, *((script,) if script else ()))


def _unit_paths(unit: Service) -> tuple[str, ...]:
    return tuple(path for path in (unit.path, *unit.property("DropInPaths").split()) if path.startswith("/"))


def _socket_units(service: Service, services: Services | None) -> tuple[Service, ...]:
    if service.manager != "systemd" or services is None:
        return ()
    name = f"{service.name}.service"
    return tuple(
        trigger
        for trigger in services.triggers
        if trigger.name.endswith(".socket")
        and name in trigger.property("Triggers").split()
        and trigger.state == "active"
    )


def _unit_files(service: Service, sockets: Iterable[Service], texts: Mapping[str, str], hostname: str) -> UnitFiles:
    return UnitFiles(
        service.name,
        tuple(texts[path] for path in _unit_paths(service) if path in texts),
        tuple((unit.name, tuple(texts[path] for path in _unit_paths(unit) if path in texts)) for unit in sockets),
        hostname=hostname,
    )


def _homes(passwd: bytes) -> dict[str, str]:
    """Home directories by account."""
    found: dict[str, str] = {}
    for line in passwd.decode("utf-8", "surrogateescape").split("\n"):
        fields = line.split(":")
        if len(fields) >= 7:
            found.setdefault(fields[0], fields[5])
    return found


def _raw_entry(service: Service, text: str) -> Service | None:
    """The entry as its file has it: the inventory's reader on the text that is not redacted."""
    # Each line gets the path in front, as the probe answers.
    if not text or len(service.path) * text.count("\n") > LARGEST_ENTRY:
        return None
    content = "".join(f"{service.path}:{line}\n" for line in text.split("\n"))
    recording = SectionRecording("services", (Part("entries", content.encode("utf-8", "surrogateescape")),))
    same = (service.manager, service.name)
    return next((each for each in supervisor_entries.parse(recording) if (each.manager, each.name) == same), None)


def _read(transport: Transport, paths: Iterable[str]) -> dict[str, str]:
    """The texts of regular files among ``paths``."""
    named = {
        f"file{number}": path
        for number, path in enumerate(dict.fromkeys(paths))
        if path.startswith("/") and "\0" not in path and path.isprintable()
    }
    if not named:
        return {}
    parts = {name: _reading(shlex.quote(path)) for name, path in named.items()}
    answers = ask(transport, parts)
    return {
        path: answers[name][2:].decode("utf-8", "surrogateescape")
        for name, path in named.items()
        if answers.get(name, b"").startswith(b"+\n")
    }


def _reading(path: str) -> str:
    real = f'case "$(readlink -f {path})" in {_OF_THE_KERNEL}) false ;; esac'
    return f"[ -f {path} ] && {real} && echo + && head -c {LARGEST} {path}"
