"""Lines of a workload's configuration and code that name another host of the estate, and what they mean there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assess.addresses import addresses_in
from assess.configuration_lines import is_comment
from assess.facts import EstateFacts, HostFacts
from assess.model import Workload
from inventory.model.configuration import ConfigLine

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})*")
# Around a word: a URL or address before it, a port after it, or a setting that takes a host.
_BEFORE = re.compile(
    r"(?:://|@|(?:host|server|peer|addr|upstream|backend|master|slave|relay)\w*[\"']?\s*[=:(,]?\s*[\"'(]*)$", re.I
)
_AFTER = re.compile(r"^[\"'\]]{0,2}:(\d{2,5})\b")
_PORT_SETTING = re.compile(r"(?i)port\w*[\"']?\s*(?:[=:>,]|=>)?\s*[\"']?(\d{2,5})\b")
_NEAR = 3
"""Lines around the name of a host within which a port is taken for its port."""


@dataclass(frozen=True, slots=True)
class Mention:
    """``word`` is the name or address as it is written in ``line``; ``owner`` the host that it means."""

    line: ConfigLine
    word: str
    owner: HostFacts
    after: str

    @property
    def port(self) -> int | None:
        """The port that follows the name (``db01:3306``)."""
        match = _AFTER.match(self.after)
        return int(match[1]) if match else None


def names_of_hosts(estate: EstateFacts, host: HostFacts, workload: Workload) -> Iterator[Mention]:
    """Where a host is named by its name in the inventory or its own host name."""
    names = estate.host_by_name
    for line in host.configuration.under(workload.configuration_roots):
        if is_comment(line):
            continue
        for match in _NAME.finditer(line.text):
            owner = names.get(match[0].lower())
            if owner is not None and owner is not host and _means_a_host(match[0], line.text, match):
                yield Mention(line, match[0], owner, line.text[match.end() :])


def addresses_of_hosts(estate: EstateFacts, host: HostFacts, workload: Workload) -> Iterator[Mention]:
    """Where a host is named by one of its addresses."""
    owners = estate.host_by_address
    for line in host.configuration.under(workload.configuration_roots):
        if is_comment(line):
            continue
        for address in addresses_in(line.text):
            owner = owners.get(address)
            if owner is not None and owner is not host:
                yield Mention(line, address, owner, line.text.partition(address)[2])


def meant_workloads(mention: Mention, host: HostFacts, workload: Workload) -> tuple[Workload, ...]:
    """The workloads of the named host that are meant: by the port beside the name, or the only one there is."""
    listening = mention.owner.workloads_by_port
    if mention.port is not None:
        return listening.get(mention.port, ())
    for line in host.configuration.under(workload.configuration_roots):
        if line.path == mention.line.path and abs(line.number - mention.line.number) <= _NEAR:
            for match in _PORT_SETTING.finditer(line.text):
                if found := listening.get(int(match[1])):
                    return found
    services = [each for each in mention.owner.workloads if each.kind == "service" and each.listeners]
    return tuple(services) if len(services) == 1 else ()


def _means_a_host(word: str, text: str, match: re.Match[str]) -> bool:
    """Whether a word that is a host's name is meant as one: ``db01`` always is, ``app`` only where a host belongs."""
    if word.lower() == "localhost":
        return False
    if any(character.isdigit() or character in ".-" for character in word):
        return True
    return _BEFORE.search(text[: match.start()]) is not None or _AFTER.match(text[match.end() :]) is not None
