"""The facts that a scan did not collect, and the commands that collect them.

The commands scan the whole inventory: a report is about the hosts of one scan and would lose all others.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assess.model import HostAssessment
from inventory.depth import Depth
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot

WHOLE_HOST = ""
"""The section that stands for all of a host that was not reached."""


@dataclass(frozen=True, slots=True)
class NotObserved:
    """Sections that were not observed on some hosts for one reason. ``command`` collects them, "" where none does."""

    sections: tuple[str, ...]
    hosts: tuple[str, ...]
    reason: str
    command: str


def not_observed(hosts: Iterable[HostAssessment], inventory: str) -> tuple[NotObserved, ...]:
    """All that was not observed, by reason; hosts that were not reached come first, then what concerns most hosts."""
    groups: dict[tuple[str, str | None], dict[str, list[str]]] = {}
    for host in hosts:
        for section, reason, options in _missing(host.snapshot):
            groups.setdefault((reason, options), {}).setdefault(host.snapshot.host, []).append(section)
    found = [
        NotObserved(
            tuple(dict.fromkeys(section for sections in by_host.values() for section in sections)),
            tuple(by_host),
            reason,
            _command(inventory, options),
        )
        for (reason, options), by_host in groups.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.sections != (WHOLE_HOST,), -len(each.hosts), each.sections)))


def commands_of(snapshot: Snapshot, inventory: str) -> Mapping[str, str]:
    """The command that collects each section of a host that was not observed, where one does."""
    return {
        section: command
        for section, _reason, options in _missing(snapshot)
        if (command := _command(inventory, options))
    }


def _missing(snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
    """(section, reason, options of a scan that observes it); the options are None where no scan does.

    A scan keeps the depth of the last one, or it would observe less.
    """
    same = "--depth deep " if snapshot.depth is Depth.DEEP else ""
    if snapshot.status == "unreachable":
        yield WHOLE_HOST, snapshot.reason, same
        return
    refused = not snapshot.privileged and bool(snapshot.user) and snapshot.platform != Platform.WINDOWS
    as_user = f"read as {snapshot.user}, not as root"
    for name, observation in snapshot.observations.items():
        if isinstance(observation, Found):
            if refused and observation.gaps:
                yield name, f"{as_user}, so in part", f"{same}--escalate sudo"
        elif isinstance(observation, Unknown):
            if not observation.asked:
                yield name, f"not asked at depth {snapshot.depth}", f"--depth {_depths().get(name, 'deep')}"
            elif observation.reason.startswith("no answer within"):
                yield name, observation.reason, f"{same}--section-timeout 600"
            elif observation.reason.endswith("hosts cannot be asked this yet"):
                yield name, observation.reason, None
            elif refused:
                yield name, as_user, f"{same}--escalate sudo"
            else:
                yield name, observation.reason, same


def _command(inventory: str, options: str | None) -> str:
    return "" if options is None else scan_command(inventory, options)


def scan_command(inventory: str, options: str) -> str:
    """Return the command line of a scan, as a shell takes it."""
    return f"assess scan {shlex.quote(inventory)} {options}".rstrip()


@lru_cache(maxsize=1)
def _depths() -> dict[str, str]:
    return {section.name: str(section.depth) for section in SECTIONS}
