"""The differences between two snapshots of a host, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from inventory.history.fact_keys import OF_THE_MOMENT, Item, items
from inventory.observation import Absent, Found, Observation, Unknown
from inventory.snapshot import Snapshot

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class FactChange:
    """A fact that appeared, disappeared or changed. ``fields``: name, old and new value as JSON, of one that changed
    and of which both are known.
    """

    section: str
    kind: str
    key: str
    change: Change
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class SectionChange:
    """A section that can be read now and could not before, or the other way round. ``reason`` is today's, or ""."""

    section: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class HostDifference:
    """One host in two scans. ``status`` is (old, new); a section that one scan could not read has no facts here."""

    host: str
    status: tuple[str, str]
    sections: tuple[SectionChange, ...]
    facts: tuple[FactChange, ...]

    def __bool__(self) -> bool:
        return bool(self.sections or self.facts or self.status[0] != self.status[1])


def compare(old: Snapshot, new: Snapshot, *, everything: bool = False) -> HostDifference:
    """The differences between two snapshots of a host. ``everything``: also transient facts (PIDs, inodes, counters,
    ports that the kernel picked).
    """
    names = [*new.observations, *(name for name in old.observations if name not in new.observations)]
    sections: list[SectionChange] = []
    facts: list[FactChange] = []
    for name in names:
        before, after = old.observation(name), new.observation(name)
        if name in OF_THE_MOMENT and not everything:
            continue
        if status_of(before) != status_of(after):
            sections.append(SectionChange(name, status_of(before), status_of(after), reason_of(after)))
        if isinstance(before, Unknown) or isinstance(after, Unknown):
            continue
        facts += _compare(name, _by_name(before, everything), _by_name(after, everything))
    return HostDifference(new.host, (old.status, new.status), tuple(sections), tuple(facts))


def status_of(observation: Observation[Any]) -> str:
    """found, absent or unknown."""
    if isinstance(observation, Found):
        return "found"
    return "absent" if isinstance(observation, Absent) else "unknown"


def reason_of(observation: Observation[Any]) -> str:
    """The reason why there is nothing, "" for what was found."""
    return "" if isinstance(observation, Found) else observation.reason


def _by_name(observation: Observation[Any], everything: bool) -> Mapping[str, Item]:
    if not isinstance(observation, Found):
        return {}
    return {item.name: item for item in items(observation.value, everything=everything)}


def _compare(section: str, old: Mapping[str, Item], new: Mapping[str, Item]) -> Iterator[FactChange]:
    for name, item in new.items():
        before = old.get(name)
        if before is None:
            yield FactChange(section, item.kind, item.key, "added")
        elif before.facts != item.facts:
            fields = tuple(
                (field, before.facts.get(field), item.facts.get(field))
                for field in dict.fromkeys([*before.facts, *item.facts])
                if before.facts.get(field) != item.facts.get(field)
            )
            yield FactChange(section, item.kind, item.key, "changed", fields)
    for name, item in old.items():
        if name not in new:
            yield FactChange(section, item.kind, item.key, "removed")
