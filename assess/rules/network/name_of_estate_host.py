"""NET005."""

from __future__ import annotations

import re

from assess.configuration_lines import is_comment
from assess.facts import HostFacts, OfWorkload
from assess.model import Evidence, Severity
from assess.rule import Answer, Hit, Scope, rule
from inventory.model.configuration import ConfigLine

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})*")


# Around a word: a URL or address before it, a port after it, or a setting that takes a host.
_BEFORE = re.compile(
    r"(?:://|@|(?:host|server|peer|addr|upstream|backend|master|slave|relay)\w*[\"']?\s*[=:(,]?\s*[\"'(]*)$", re.I
)
_AFTER = re.compile(r"^[\"']?:\d{2,5}\b")


@rule("NET005", scope=Scope.WORKLOAD, needs=("processes", "configuration"))
def name_of_estate_host(subject: OfWorkload) -> Answer:
    """The configuration or code names another host of the estate.

    Why:
        The service depends on that host. A name is better than an address, since it can be pointed elsewhere; but it
        must resolve in the container's network (an /etc/hosts file of the old server does not come along), and both
        services should move in an order that keeps them connected.
    Remedy:
        Let the name resolve in the container's network: by the estate's DNS, an alias of the service that it means,
        or --add-host.
    Source:
        Lines of the workload's configuration and code; names of the hosts in the inventory.
    """
    names = subject.estate.host_by_name
    seen: dict[str, tuple[HostFacts, str, list[ConfigLine]]] = {}
    for line in subject.host.configuration.under(subject.workload.configuration_roots):
        if is_comment(line):
            continue
        for match in _NAME.finditer(line.text):
            word = match[0]
            owner = names.get(word.lower())
            if owner is None or owner is subject.host or not _means_a_host(word, line.text, match):
                continue
            lines = seen.setdefault(word.lower(), (owner, word, []))[2]
            if len(lines) < 3:
                lines.append(line)
    for owner, word, lines in seen.values():
        first = lines[0]
        yield Hit(
            Severity.INFO,
            f"{first.path}:{first.number} names {word}, which is host {owner.name}.",
            tuple(Evidence(f"{line.path}:{line.number} names {word}", line.origin, line.text) for line in lines),
        )


def _means_a_host(word: str, text: str, match: re.Match[str]) -> bool:
    """Whether a word that is a host's name is meant as one: ``db01`` always is, ``app`` only where a host belongs."""
    if word.lower() == "localhost":
        return False
    if any(character.isdigit() or character in ".-" for character in word):
        return True
    return _BEFORE.search(text[: match.start()]) is not None or _AFTER.match(text[match.end() :]) is not None
