"""References to other hosts in a workload's configuration, code, unit and jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from assess.configuration_text.configuration_lines import HOST_NAME, is_comment, without_comment
from assess.configuration_text.ip_addresses import addresses_in
from assess.configuration_text.name_records import is_name_record
from assess.knowledge.default_ports import port_of_scheme, port_of_setting
from assess.model import Workload
from assess.subjects.estate_index import EstateIndex, IndexedHost, IndexedWorkload
from assess.subjects.host_cache import HostCache
from assess.subjects.host_facts import HostFacts
from assess.subjects.resolved_names import ResolvedNames
from inventory.model.configuration import ConfigLine
from inventory.observation import Origin

# Around a word: a URL or address before it, a port after it, or a setting that takes a host.
_BEFORE = re.compile(
    r"(?:://|@|(?:host|server|peer|addr|upstream|backend|master|slave|relay)\w{0,40}[\"']?\s{0,9}[=:(,]?\s{0,9}[\"'(\[]{0,9})$",
    re.I,
)
_AFTER = re.compile(r"[\"'\]]{0,2}:(\d{2,5})\b")
_LOOPBACK = re.compile(r"(?<![\w.])(?P<address>127\.\d+\.\d+\.\d+|localhost|\[::1\]):(?P<port>\d{1,5})\b")
_LOOPBACK_WORDS = ("127.", "localhost", "[::1]")
"""One of them is in whatever the pattern finds."""
_PORT_SETTING = re.compile(r"(?i)port\w{0,40}[\"']?\s*+(?:=>|[=:>,])?\s*+[\"']?(\d{2,5})\b")
_BESIDE = 100
"""Characters before a word that are examined."""
_NEAR = 3
"""Lines around the name of a host within which a port is taken for its port."""
_SAYS_WHAT_RUNS = frozenset(
    {"ExecStart", "ExecStartPre", "ExecStartPost", "ExecReload", "ExecStop", "Environment", "Command"}
)
"""Properties of units (and of the entries of other managers) that may name a host."""
_PATH = re.compile(r"(?<![\w.~-])/[\w.+@-]+(?:/[\w.+@-]+)+")


@dataclass(frozen=True, slots=True)
class ReferenceText:
    """A text that belongs to a workload, and ``where`` it stands, in words (``/etc/app.ini:9``, ``ExecStart of
    app.service``, ``a job in /etc/cron.d/app``). ``line`` is the line of configuration that it is, if it is one.
    """

    text: str
    where: str
    origin: Origin
    line: ConfigLine | None = None


@dataclass(frozen=True, slots=True)
class HostReference:
    """``word`` is the name or address as it is written in ``place``; ``owner`` the host that it means."""

    place: ReferenceText
    word: str
    owner: IndexedHost
    after: str

    @property
    def port(self) -> int | None:
        """The port that follows the name (``db01:3306``)."""
        match = _AFTER.match(self.after)
        return int(match[1]) if match else None

    @property
    def before(self) -> str:
        """The text before the name."""
        return self.place.text[: len(self.place.text) - len(self.after) - len(self.word)]


def _beside_files(host: HostFacts, workload: Workload) -> Iterator[ConfigLine | ReferenceText]:
    """Return the texts that a workload is started with apart from its files: its unit with drop-ins, its jobs, and the
    scripts that these name. Comments are left out, and the text of a file is returned once.
    """
    lines = host.written_configuration
    seen = set(lines.files(workload.configuration_roots))
    scripts: list[str] = []
    for place, path in (*_of_unit(workload), *_of_jobs(workload)):
        scripts += (match[0] for match in _PATH.finditer(place.text))
        if path not in seen:
            yield place
    for script in dict.fromkeys(scripts):
        if script not in seen and next(lines.paths_under(script), "") == script:
            yield from (line for line in lines.of(script) if not is_comment(line))


def _place(text: ConfigLine | ReferenceText) -> ReferenceText:
    return (
        ReferenceText(text.text, f"{text.path}:{text.number}", text.origin, text)
        if isinstance(text, ConfigLine)
        else text
    )


def _of_unit(workload: Workload) -> Iterator[tuple[ReferenceText, str]]:
    """Commands and variables of the unit, with the file that sets them."""
    service = workload.service
    if service is None:
        return
    unit = f"{service.name}.service" if service.manager == "systemd" else service.name
    set_in_files = {(setting.name, setting.value) for setting in service.settings}
    for setting in service.settings:
        if setting.name in _SAYS_WHAT_RUNS:
            yield (
                ReferenceText(setting.value, f"{setting.name} of {unit} in {setting.path}", setting.origin),
                setting.path,
            )
    for name, value in service.properties:
        if name in _SAYS_WHAT_RUNS and not any(key == name and text and text in value for key, text in set_in_files):
            yield ReferenceText(value, f"{name} of {unit}", service.origin), service.source_of(name)


def _of_jobs(workload: Workload) -> Iterator[tuple[ReferenceText, str]]:
    for job in workload.schedules:
        yield ReferenceText(job.command, f"a job in {job.place}", job.origin), job.place


_NAMED_HOSTS: HostCache[str, Sequence[HostReference]] = HostCache()
"""By the id of the workload. A host belongs to one estate, which decides what names are hosts."""


def names_of_hosts(estate: EstateIndex, host: HostFacts, workload: Workload) -> Sequence[HostReference]:
    """Return the references to other hosts by name: by the name in the inventory, by the host's own name, or by one
    that the workload's host resolves.
    """
    return _NAMED_HOSTS.get(host, workload.id, lambda: tuple(_names_of_hosts(estate, host, workload)))


def _names_of_hosts(estate: EstateIndex, host: HostFacts, workload: Workload) -> Iterator[HostReference]:
    names, lines = ResolvedNames(estate, host.snapshot), host.written_configuration
    # Most files name no host, which is seen at once for the whole file.
    files = (path for path in lines.files(workload.configuration_roots) if names.may_be_in(lines.names(path)))
    in_files = (
        line for path in files for line in lines.of(path) if not is_comment(line) and not is_name_record(line.text)
    )
    for source in chain(in_files, _beside_files(host, workload)):
        text = without_comment(source.text)
        for match in HOST_NAME.finditer(text):
            owner = names.owner(match[0].lower())
            if owner is None or owner.name == host.name:
                continue
            # What a host calls itself may be any word of the configuration of others.
            claimed = names.is_claim(match[0].lower())
            if _stands_for_a_host(text, match) if claimed else _means_a_host(match[0], text, match):
                yield HostReference(_place(source), match[0], owner, text[match.end() :])


def addresses_of_hosts(estate: EstateIndex, host: HostFacts, workload: Workload) -> Iterator[HostReference]:
    """Return the references to other hosts by address."""
    owners = estate.host_by_address
    of_files = host.written_configuration.naming_addresses(workload.configuration_roots)
    in_files = (each for each in of_files if not is_name_record(each[0].text))
    beside = ((source, tuple(addresses_in(source.text))) for source in _beside_files(host, workload))
    for source, addresses in chain(in_files, beside):
        for address in addresses:
            owner = owners.get(address)
            if owner is not None and owner.name != host.name:
                yield HostReference(_place(source), address, owner, source.text.partition(address)[2])


def ports_on_loopback(host: HostFacts, workload: Workload) -> Iterator[tuple[str, int, ConfigLine]]:
    """Return the ports on its host that a workload names by a loopback address: address, port and line."""
    for line in host.written_configuration.mentioning(workload.configuration_roots, _LOOPBACK_WORDS):
        if not is_comment(line):
            for match in _LOOPBACK.finditer(line.text):
                yield match["address"], int(match["port"]), line


def ports_on_own_addresses(host: HostFacts, workload: Workload) -> Iterator[tuple[str, int, ConfigLine]]:
    """Return the ports on its host that a workload names by another address of the host: address, port and line."""
    for line, addresses in host.written_configuration.naming_addresses(workload.configuration_roots):
        for address in addresses:
            if address in host.addresses and (port := _AFTER.match(line.text.partition(address)[2])):
                yield address, int(port[1]), line


def meant_port(mention: HostReference, host: HostFacts, workload: Workload) -> int | None:
    """The port of the named host that is meant: the one behind the name, that of its URL, or one that is set near it,
    of several the first on which something listens; else the usual one of such a setting, if something listens on it.
    None where no port is named; ports on which the workload itself listens are not those of others.
    """
    written = mention.port or port_of_scheme(mention.before)
    if written is not None:
        return written
    own = {owned.listener.port for owned in workload.listeners}
    named = [int(match[1]) for text in _near(mention.place, host) for match in _PORT_SETTING.finditer(text)]
    usual = port_of_setting(mention.place.text)
    owner = mention.owner
    for port in named if usual is None else [*named, usual]:
        if owner.listening(port) or owner.unidentified_at(port):
            return port
    return next((port for port in named if port not in own), None)


def only_service(owner: IndexedHost) -> tuple[IndexedWorkload, ...]:
    """The service of a host that is meant where no port is named: the only one with ports, if all its listeners have a
    known owner.
    """
    services = [each for each in owner.workloads if each.kind == "service" and each.ports]
    hidden = owner.unidentified is None or any(each.published for each in owner.unidentified)
    return tuple(services) if len(services) == 1 and not hidden else ()


def _near(place: ReferenceText, host: HostFacts) -> Iterator[str]:
    """The lines around a line; of a command, itself."""
    line = place.line
    if line is None:
        yield place.text
        return
    for other in host.configuration.of(line.path):
        if abs(other.number - line.number) <= _NEAR:
            yield other.text


def _means_a_host(word: str, text: str, match: re.Match[str]) -> bool:
    """Whether a word that is a host's name is meant as one: ``db01`` always is, ``app`` only where a host belongs."""
    if word.lower() == "localhost":
        return False
    if any(character.isdigit() or character in ".-" for character in word):
        return True
    return _stands_for_a_host(text, match)


def _stands_for_a_host(text: str, match: re.Match[str]) -> bool:
    """Whether a word is where a host belongs: in a URL, behind a setting that takes a host, or before a port."""
    before = text[max(0, match.start() - _BESIDE) : match.start()]
    return _BEFORE.search(before) is not None or _AFTER.match(text, match.end()) is not None
