"""The differences between two snapshots of a host, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from inventory.described import doc
from inventory.history.fact_keys import OF_THE_MOMENT, Item, items
from inventory.observation import Absent, Found, Observation, Unknown
from inventory.snapshot import Snapshot

Change = Literal["added", "removed", "changed"]
Status = Literal["found", "absent", "unknown"]


class FieldChange(msgspec.Struct, frozen=True):
    """A field of a fact that changed, as JSON."""

    name: Annotated[str, doc("Name of the field.")]
    old: Annotated[Any, doc("Old value.")]
    new: Annotated[Any, doc("New value.")]


class FactChange(msgspec.Struct, frozen=True):
    """A fact that was added, removed or changed."""

    section: Annotated[str, doc("Section of the fact.")]
    kind: Annotated[str, doc("Kind of fact, e.g. `package`; empty in reparse, where the key has it.")]
    key: Annotated[str, doc("Identifies it among facts of its kind.")]
    change: Annotated[Change, doc("Type of change.")]
    fields: Annotated[tuple[FieldChange, ...], doc("Fields that differ; empty in reparse, which compares hashes.")] = ()


class SectionChange(msgspec.Struct, frozen=True):
    """A section that could be read in only one of two scans, or is absent in one."""

    section: Annotated[str, doc("Name of the section.")]
    old: Annotated[Status, doc("Status in the earlier scan.")]
    new: Annotated[Status, doc("Status in the later scan.")]
    reason: Annotated[str | None, doc("Why it cannot be read now; null if it can.")]


class StatusChange(msgspec.Struct, frozen=True):
    """Status of a host in two scans."""

    old: Annotated[str, doc("complete, partial or unreachable; empty in reparse.")]
    new: Annotated[str, doc("As `old`, in the later scan.")]


class HostDifference(msgspec.Struct, frozen=True):
    """A host in two scans. A section that one scan could not read has no facts here."""

    host: Annotated[str, doc("Name in the inventory.")]
    status: Annotated[StatusChange, doc("Status of the host.")]
    sections: Annotated[tuple[SectionChange, ...], doc("Sections with another status.")]
    facts: Annotated[tuple[FactChange, ...], doc("Facts that differ, in sections that both scans read.")]

    def __bool__(self) -> bool:
        return bool(self.sections or self.facts or self.status.old != self.status.new)


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
            sections.append(SectionChange(name, status_of(before), status_of(after), reason_of(after) or None))
        if isinstance(before, Unknown) or isinstance(after, Unknown):
            continue
        facts += _compare(name, _by_name(before, everything), _by_name(after, everything))
    return HostDifference(new.host, StatusChange(old.status, new.status), tuple(sections), tuple(facts))


def status_of(observation: Observation[Any]) -> Status:
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
                FieldChange(field, before.facts.get(field), item.facts.get(field))
                for field in dict.fromkeys([*before.facts, *item.facts])
                if before.facts.get(field) != item.facts.get(field)
            )
            yield FactChange(section, item.kind, item.key, "changed", fields)
    for name, item in old.items():
        if name not in new:
            yield FactChange(section, item.kind, item.key, "removed")
