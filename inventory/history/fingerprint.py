"""Fingerprints of what a version of this program read of a host, small enough to store and compare with a later one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.history.fact_keys import OF_THE_MOMENT, items
from inventory.history.snapshot_diff import (
    FactChange,
    HostDifference,
    SectionChange,
    Status,
    StatusChange,
    reason_of,
    status_of,
)
from inventory.observation import Found
from inventory.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SectionFingerprint:
    """One section: found, absent or unknown; ``facts`` maps the name of each fact to a short hash of it."""

    status: Status
    reason: str
    facts: Mapping[str, str]


Fingerprint = Mapping[str, SectionFingerprint]
"""All sections of a host, by name."""


def fingerprint_of(snapshot: Snapshot) -> Fingerprint:
    """The fingerprint of a snapshot as this version parses it."""
    return {
        name: SectionFingerprint(
            status_of(observation),
            reason_of(observation),
            {item.name: item.digest for item in items(observation.value)} if isinstance(observation, Found) else {},
        )
        for name, observation in snapshot.observations.items()
        if name not in OF_THE_MOMENT
    }


def compare_fingerprints(host: str, old: Fingerprint, new: Fingerprint) -> HostDifference:
    """The differences between what two versions read. A section that only one of them knows is a change of section."""
    sections: list[SectionChange] = []
    facts: list[FactChange] = []
    nothing = SectionFingerprint("unknown", "this version does not know the section", {})
    for name in dict.fromkeys([*new, *old]):
        before, after = old.get(name, nothing), new.get(name, nothing)
        if before.status != after.status:
            sections.append(SectionChange(name, before.status, after.status, after.reason or None))
        elif before.facts != after.facts:
            facts += _changes(name, before.facts, after.facts)
    return HostDifference(host, StatusChange("", ""), tuple(sections), tuple(facts))


def _changes(section: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[FactChange]:
    for name, digest in new.items():
        if name not in old:
            yield FactChange(section, "", name, "added")
        elif old[name] != digest:
            yield FactChange(section, "", name, "changed")
    for name in old:
        if name not in new:
            yield FactChange(section, "", name, "removed")
