"""What was not observed, and the command that collects it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from assess.model import HostAssessment
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot

WHOLE_HOST = ""
"""The section that stands for all of a host that was not reached."""

_LIMITED = 20
"""So many hosts are named in a command; for more it scans the whole inventory."""


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
    names: set[str] = set()
    for host in hosts:
        names.add(host.snapshot.host)
        for section, reason, options in _missing(host.snapshot):
            groups.setdefault((reason, options), {}).setdefault(host.snapshot.host, []).append(section)
    found = [
        NotObserved(
            tuple(dict.fromkeys(section for sections in by_host.values() for section in sections)),
            tuple(by_host),
            reason,
            _command(inventory, options, tuple(by_host), everywhere=len(by_host) == len(names)),
        )
        for (reason, options), by_host in groups.items()
    ]
    return tuple(sorted(found, key=lambda each: (each.sections != (WHOLE_HOST,), -len(each.hosts), each.sections)))


def commands_of(snapshot: Snapshot, inventory: str) -> Mapping[str, str]:
    """The command that collects each section of a host that was not observed, where one does."""
    return {
        section: command
        for section, _reason, options in _missing(snapshot)
        if (command := _command(inventory, options, (snapshot.host,), everywhere=False))
    }


def _missing(snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
    """(section, reason, options of a scan that observes it); the options are None where no scan does."""
    if snapshot.status == "unreachable":
        yield WHOLE_HOST, snapshot.reason, ""
        return
    refused = not snapshot.privileged and bool(snapshot.user) and snapshot.platform != Platform.WINDOWS
    as_user = f"read as {snapshot.user}, not as root"
    for name, observation in snapshot.observations.items():
        if isinstance(observation, Found):
            if refused and observation.gaps:
                yield name, f"{as_user}, so in part", "--escalate sudo"
        elif isinstance(observation, Unknown):
            if not observation.asked:
                yield name, f"not asked at depth {snapshot.depth}", f"--depth {_depths().get(name, 'deep')}"
            elif observation.reason.startswith("no answer within"):
                yield name, observation.reason, "--section-timeout 600"
            elif observation.reason.endswith("hosts cannot be asked this yet"):
                yield name, observation.reason, None
            elif refused:
                yield name, as_user, "--escalate sudo"
            else:
                yield name, observation.reason, ""


def _command(inventory: str, options: str | None, hosts: tuple[str, ...], *, everywhere: bool) -> str:
    if options is None:
        return ""
    limit = "" if everywhere or len(hosts) > _LIMITED else f"--limit {shlex.quote(','.join(hosts))}"
    return " ".join(part for part in ("assess scan", shlex.quote(inventory), limit, options) if part)


@lru_cache(maxsize=1)
def _depths() -> dict[str, str]:
    return {section.name: str(section.depth) for section in SECTIONS}
