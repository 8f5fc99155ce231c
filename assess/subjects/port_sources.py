"""The place that sets the number of a port: command line, unit, configuration, or the code itself.

The port map and the rule about ports that are fixed in code use the same answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from assess.configuration_text.configuration_lines import is_code, is_comment
from assess.model import Evidence, Workload
from assess.subjects.host_cache import HostCache
from assess.subjects.host_facts import HostFacts
from inventory.model.configuration import ConfigLine
from inventory.model.processes import Process
from inventory.model.services import Service


class PortSetBy(StrEnum):
    """The kinds of places that set a port."""

    ARGUMENTS = "arguments"
    ENVIRONMENT = "environment"
    UNIT = "unit"
    CONFIGURATION = "configuration"
    CODE = "code"
    DEFAULT = "default in the code"
    NOTHING = "nothing found"


@dataclass(frozen=True, slots=True)
class PortSource:
    """``where`` is ``path:line`` or words; ``evidence`` is empty when nothing was found."""

    setter: PortSetBy
    where: str
    evidence: tuple[Evidence, ...] = ()


# A setting that has to do with ports: port, http_port, serverPort, Listen, bind-address; not report, transport, import.
_PORT_WORD = re.compile(
    r"(?i)(?<!re)(?<!im)(?<!ex)(?<!sup)(?<!trans)(?<!view)ports?\b|listen|\bbind|endpoint|addr|socket"
)
# In code a number alone says nothing; these words on the line make it a port ...
_CODE_WORD = re.compile(_PORT_WORD.pattern + r"|server|host|http|tcp|serve|run\(")
# ... these make it something else ...
_CODE_OTHER = re.compile(r"(?i)timeout|sleep|retry|retries|limit|size|width|height|percent|status")
# ... and these say that it is only used when nothing else was said.
_CODE_DEFAULT = re.compile(
    r"(?i)environ|getenv|process\.env|argv|add_argument|default|fallback|\.get\w*\(|\|\||\?\?|:-"
)


_SOURCES: HostCache[tuple[str, int], PortSource] = HostCache()
"""By (id of the workload, port)."""


def port_source(host: HostFacts, workload: Workload, port: int) -> PortSource:
    """Return the first place that sets ``port`` for ``workload``.

    The order is that of force: what is on the command line or in the environment overrides a file, and a file overrides
    a constant in the code. Comments set nothing.
    """
    return _SOURCES.get(host, (workload.id, port), lambda: _find_source(host, workload, port))


def _find_source(host: HostFacts, workload: Workload, port: int) -> PortSource:
    for process in workload.processes:
        if (found := _set_by_process(process, port)) is not None:
            return found
    return (
        _set_by_unit(workload.service, port)
        or _set_by_line(host, workload, port)
        or PortSource(PortSetBy.NOTHING, "nothing found that sets it")
    )


def _set_by_process(process: Process, port: int) -> PortSource | None:
    number, text = _number(port), str(port)
    for argument in process.arguments[1:]:
        if text in argument and number.search(argument) and _argument_is_port(argument, process.arguments, port):
            fact = f"the command line of {process.name} (pid {process.pid}) has {argument}"
            evidence = Evidence(fact, process.origin, process.command)
            return PortSource(PortSetBy.ARGUMENTS, f"command line: {argument}", (evidence,))
    for name, value in process.environment or ():
        if text in value and value.strip() == text and "PORT" in name.upper():
            fact = f"the environment of {process.name} (pid {process.pid}) has {name}={value}"
            return PortSource(PortSetBy.ENVIRONMENT, f"environment: {name}", (Evidence(fact, process.origin),))
    return None


def _set_by_unit(service: Service | None, port: int) -> PortSource | None:
    if service is None:
        return None
    number = _number(port)
    for key in ("ExecStart", "Environment", "Listen", "ListenStream"):
        setting = service.property(key)
        if number.search(setting) and _PORT_WORD.search(setting):
            where = service.path or service.name
            return PortSource(PortSetBy.UNIT, where, (Evidence(f"{where} sets it in {key}", service.origin, setting),))
    return None


def _set_by_line(host: HostFacts, workload: Workload, port: int) -> PortSource | None:
    """The first line of the configuration that sets the port, else the lines of the code that do."""
    number = _number(port)
    started_by = workload.service.path if workload.service is not None else ""
    in_code: list[ConfigLine] = []
    for line in host.configuration.mentioning(workload.configuration_roots, (str(port),)):
        if not number.search(line.text) or is_comment(line):
            continue
        if line.path == started_by:
            # An init script can give its program another port, so the port is not fixed in the program.
            if _argument_in_script(line.text, port):
                return PortSource(PortSetBy.UNIT, f"{line.path}:{line.number}", (_quote(line, port),))
        elif is_code(line):
            if _CODE_WORD.search(line.text) and not _CODE_OTHER.search(line.text):
                in_code.append(line)
        elif _PORT_WORD.search(line.text) or _bare_port(line.text, port):
            return PortSource(PortSetBy.CONFIGURATION, f"{line.path}:{line.number}", (_quote(line, port),))
    return _set_in_code(in_code, port) if in_code else None


def _set_in_code(lines: list[ConfigLine], port: int) -> PortSource:
    fixed = [line for line in lines if not _CODE_DEFAULT.search(line.text)]
    setter, shown = (PortSetBy.CODE, fixed) if len(fixed) == len(lines) else (PortSetBy.DEFAULT, lines)
    where = f"{shown[0].path}:{shown[0].number} ({setter})"
    return PortSource(setter, where, tuple(_quote(line, port) for line in shown[:3]))


def ignored_settings(host: HostFacts, workload: Workload, ports: frozenset[int]) -> tuple[ConfigLine, ...]:
    """Return lines of the workload's configuration that set its own port, on which it does not listen.

    A port next to the name of another host, or one that the workload connects to, is that of a server it uses.
    """
    lines = [line for line in host.configuration.under(workload.configuration_roots) if not is_code(line)]
    elsewhere = {(line.path, line.number) for line in lines if _names_another_host(line)}
    used = {owned.connection.remote_port for owned in workload.connections if not owned.inbound}
    found: list[ConfigLine] = []
    for line in lines:
        match = _OWN_PORT.match(line.text)
        if match is None or is_comment(line):
            continue
        port = int(match["port"])
        near = {(line.path, line.number + step) for step in (-2, -1, 1, 2)}
        if 0 < port < 65536 and port not in ports and port not in used and not near & elsewhere:
            found.append(line)
    return tuple(found)


def sets_own_port(host: HostFacts, workload: Workload, port: int) -> str:
    """The place in the configuration or on the command line of a workload that sets ``port`` as one on which it
    listens, "" when there is none. A port that it connects to is that of a server it uses.
    """
    if any(not owned.inbound and owned.connection.remote_port == port for owned in workload.connections):
        return ""
    text = str(port)
    for process in workload.processes:
        for option, argument in pairwise((*process.arguments, "")):
            name, equals, value = option.partition("=")
            if _OWN_OPTION.fullmatch(name) and text in (_port_of(value if equals else argument)):
                return f"the command line of {process.name} (pid {process.pid})"
    lines = tuple(host.configuration.mentioning(workload.configuration_roots, (text,)))
    for line in lines:
        match = None if is_code(line) or is_comment(line) else _OWN_PORT.match(line.text) or _LISTENS.match(line.text)
        if match is not None and match["port"] == text and not _beside_another_host(host, line):
            return f"{line.path}:{line.number}"
    return ""


def _port_of(value: str) -> tuple[str, ...]:
    return (value.rpartition(":")[2],)


def _beside_another_host(host: HostFacts, line: ConfigLine) -> bool:
    return any(
        abs(other.number - line.number) <= 2 and _names_another_host(other)
        for other in host.configuration.of(line.path)
    )


def _names_another_host(line: ConfigLine) -> bool:
    match = _HOST_SETTING.match(line.text)
    return match is not None and match["value"] not in ("0.0.0.0", "127.0.0.1", "localhost", "::", "*")  # noqa: S104


# "port = 8080", "listen_port: 8080", "http.port=8080", "Listen 8080"; not "db_port", which is that of another server.
_OWN_PORT = re.compile(
    r"""^\s*["']?(?:(?:server|http|https|listen|listener|bind|web|app|service|tcp|local)[._-]?)?(?:port|listen)["']?
    (?:\s*+[=:]\s*+|\s++)["']?(?:[\d.*]+:|\[[^\]]*\]:)?(?P<port>\d{1,5})["']?\s*+[;,]?\s*+(?:[#;].*)?$""",
    re.IGNORECASE | re.VERBOSE,
)


# "listen 443 ssl;", "listen [::]:80 default_server;", "bind *:80 ssl".
_LISTENS = re.compile(
    r"""^\s*(?:listen|bind)\s++(?:[\w.*-]{0,64}:|\[[^\]]{0,64}\]:)?(?P<port>\d{1,5})(?![\w.:])""",
    re.IGNORECASE | re.VERBOSE,
)
_OWN_OPTION = re.compile(
    r"-p|--?(?:(?:server|http|https|listen|bind|web|app|service|tcp)[._-]?)?(?:port|listen|bind)(?:-address)?",
    re.IGNORECASE,
)


_HOST_SETTING = re.compile(
    r"""^\s*["']?[\w.-]*(?:host|hostname|server|address|addr)["']?\s*[=:]\s*["']?(?P<value>[\w.:*-]+)""", re.IGNORECASE
)


def _quote(line: ConfigLine, port: int) -> Evidence:
    kind = "code" if is_code(line) else "configuration"
    return Evidence(f"{line.path}:{line.number} ({kind}) has the port {port}", line.origin, line.text)


@lru_cache(maxsize=4096)
def _number(port: int) -> re.Pattern[str]:
    # A dot before or after would make it part of an address or a version.
    return re.compile(rf"(?<![\w.]){port}(?![\w]|\.\d)")


def _bare_port(text: str, port: int) -> bool:
    """``Listen 80`` has a word; ``<VirtualHost *:80>`` and ``0.0.0.0:80`` have an address before it."""
    return re.search(rf"(?:[*\]\d.]|localhost):{port}(?!\d)", text) is not None


def _argument_is_port(argument: str, arguments: tuple[str, ...], port: int) -> bool:
    text = str(port)
    if argument == text:
        before = arguments[arguments.index(argument) - 1].lower()
        # "--port 80", "-p 80"; and without an option: "server.py 8080", "python -m http.server 8080".
        return "port" in before or before in _PORT_OPTIONS or not before.startswith("-")
    name, equals, value = argument.partition("=")
    if equals and value == text:
        return _PORT_WORD.search(name) is not None
    if _SOCAT.search(argument) and f":{text}," in argument:
        return True
    return argument.endswith((f":{text}", f"-p{text}")) or f":{text}/" in argument


def _argument_in_script(text: str, port: int) -> bool:
    words = tuple(text.split())
    return _PORT_WORD.search(text) is not None or any(_argument_is_port(word, words, port) for word in words[1:])


# An address of socat that it listens on: TCP4-LISTEN:80,fork and UDP-RECV:514,reuseaddr.
_SOCAT = re.compile(r"^[A-Z]+[46]?-(?:LISTEN|L|RECV|RECVFROM):", re.IGNORECASE)


_PORT_OPTIONS = ("-p", "-l", "-b", "--listen", "--bind", "--address")
