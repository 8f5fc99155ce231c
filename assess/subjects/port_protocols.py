"""Protocols in which a port is more than a number, and their programs (``port_protocols.toml``, product files).

The rules about such protocols and the port plan, which must know what can be moved, use the same table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

import msgspec

from assess.configuration_text.configuration_lines import is_code
from assess.configuration_text.ip_addresses import endpoint
from assess.knowledge.data_files import data_toml
from assess.model import Evidence, Workload
from assess.subjects.host_facts import HostFacts
from assess.workloads.published_ports import is_published, transport_of
from inventory.model.processes import Process
from inventory.products.catalogue import products
from inventory.products.product import PortProtocolTable

_Key = TypeVar("_Key")


class Moving(StrEnum):
    """The cost of another port number: free, more expensive, or impossible."""

    FREE = "free"
    DEARER = "dearer"
    FIXED = "fixed"


_ORDER = (Moving.FREE, Moving.DEARER, Moving.FIXED)


@dataclass(frozen=True, slots=True)
class PortProtocol:
    """A row of the table; see its comments. ``ports`` are (transport, port)."""

    name: str
    family: str
    ports: frozenset[tuple[str, int]]
    settings: frozenset[str]
    sign: re.Pattern[str] | None
    moving: Moving
    remedy: str
    held_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SpokenProtocol:
    """A protocol that a workload speaks: on which ports (transport, port) it listens for it, and how we know."""

    protocol: PortProtocol
    ports: tuple[tuple[str, int], ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    by_program: Mapping[str, tuple[PortProtocol, ...]]
    by_class: Mapping[str, tuple[PortProtocol, ...]]
    by_port: Mapping[tuple[str, int], tuple[PortProtocol, ...]]


@lru_cache(maxsize=1)
def _table() -> _Table:
    entries = [msgspec.convert(each, PortProtocolTable) for each in data_toml("port_protocols.toml")["protocol"]]
    speakers = [(each.programs or (), each) for each in entries]
    for product in products().values():
        speakers += [(product.programs_of(each), each) for each in product.port_protocol]
    protocols = {each.protocol: each for _, each in speakers if each.family}
    settings: dict[str, frozenset[str]] = {}
    for _, each in speakers:
        settings[each.protocol] = settings.get(each.protocol, frozenset()) | frozenset(each.settings)
    made = {name: _protocol(each, settings[name]) for name, each in protocols.items()}
    programs: dict[str, list[PortProtocol]] = {}
    classes: dict[str, list[PortProtocol]] = {}
    ports: dict[tuple[str, int], list[PortProtocol]] = {}
    for names, each in speakers:
        for program in names:
            programs.setdefault(program, []).append(made[each.protocol])
        for name in each.classes:
            classes.setdefault(name, []).append(made[each.protocol])
    for protocol in made.values():
        for port in protocol.ports:
            ports.setdefault(port, []).append(protocol)
    return _Table(_frozen(programs), _frozen(classes), _frozen(ports))


def _protocol(table: PortProtocolTable, settings: frozenset[str]) -> PortProtocol:
    ports = {"tcp": table.tcp, "udp": table.udp}
    return PortProtocol(
        name=table.protocol,
        family=table.family,
        ports=frozenset((transport, port) for transport, numbers in ports.items() for port in numbers),
        settings=settings,
        sign=re.compile(table.sign) if table.sign else None,
        moving=Moving(table.moving),
        remedy=table.remedy,
        held_by=frozenset(table.held_by),
    )


def _frozen(groups: Mapping[_Key, list[PortProtocol]]) -> dict[_Key, tuple[PortProtocol, ...]]:
    return {key: tuple(each) for key, each in groups.items()}


def spoken_in(family: str, workload: Workload) -> Iterator[SpokenProtocol]:
    """The protocols of one family that a workload speaks."""
    return (spoken for spoken in spoken_by(workload) if spoken.protocol.family == family)


def spoken_by(workload: Workload) -> tuple[SpokenProtocol, ...]:
    """The protocols of the table that a workload speaks.

    By its program it speaks one on those of the protocol's ports that it listens on, and where it listens on none of
    them, on all of its ports.
    """
    table = _table()
    listeners = {
        (transport_of(owned.listener.protocol), owned.listener.port): owned.listener
        for owned in workload.listeners
        if is_published(owned)
    }
    found: dict[str, tuple[PortProtocol, list[Evidence]]] = {}
    for process in workload.processes:
        for protocol, evidence in _of_process(process, table):
            found.setdefault(protocol.name, (protocol, []))[1].append(evidence)
    programs = frozenset(program_name(process.executable or process.name) for process in workload.processes)
    for port, listener in listeners.items():
        for protocol in table.by_port.get(port, ()):
            if protocol.held_by and not protocol.held_by & programs:
                continue
            where = f"it listens on {endpoint(listener.address, port[1])}/{port[0]}"
            found.setdefault(protocol.name, (protocol, []))[1].append(Evidence(where, listener.origin))
    return tuple(
        SpokenProtocol(protocol, tuple(sorted(protocol.ports & listeners.keys() or listeners)), tuple(evidence[:3]))
        for protocol, evidence in found.values()
    )


def _of_process(process: Process, table: _Table) -> Iterator[tuple[PortProtocol, Evidence]]:
    program = program_name(process.executable or process.name)
    for protocol in table.by_program.get(program, ()):
        sign = protocol.sign
        shown = next((word for word in process.arguments if sign.search(word)), None) if sign else ""
        if shown is not None:
            fact = f"{process.name} (pid {process.pid}) runs" + (f" with {shown}" if shown else "")
            yield protocol, Evidence(fact, process.origin, process.command)
    if program in ("java", "javaw", "jsvc"):
        for word in process.arguments:
            for protocol in table.by_class.get(word, ()):
                yield protocol, Evidence(f"java (pid {process.pid}) runs {word}", process.origin, process.command)


def program_name(path: str) -> str:
    """The name of an executable without folder and ``.exe``, in lower case."""
    return path.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


_SETTING = re.compile(r"""^\s*+["'<]?\s*+(?P<key>(?:-\s+)?[(\w./-]+)(?:["'>]?(?:\s*+[=:]|\s)|\Z)""")


def settings_of(host: HostFacts, workload: Workload, protocol: PortProtocol, most: int = 3) -> tuple[Evidence, ...]:
    """Lines of the workload's configuration that say which address or port the protocol tells."""
    found: list[Evidence] = []
    if not protocol.settings:
        return ()
    for line in host.configuration.in_force(workload.configuration_roots):
        match = None if is_code(line) else _SETTING.match(line.text)
        if match is not None and match["key"].lower() in protocol.settings:
            found.append(Evidence(f"{line.path}:{line.number} sets {match['key']}", line.origin, line.text))
            if len(found) == most:
                break
    return tuple(found)


def port_moving(workload: Workload) -> Mapping[tuple[str, int], Moving]:
    """Return how hard it is to change the ports of ``workload``; the harder answer where two protocols differ."""
    moving: dict[tuple[str, int], Moving] = {}
    for spoken in spoken_by(workload):
        for port in spoken.ports:
            moving[port] = max(moving.get(port, Moving.FREE), spoken.protocol.moving, key=_ORDER.index)
    return moving
