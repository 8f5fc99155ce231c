"""System families in the estate, and how far verdicts are proven on each."""

from __future__ import annotations

from dataclasses import dataclass

from assess.assessment import Assessment
from assess.knowledge.system_families import families, family_of
from reports.view.labels import listed, percent


@dataclass(frozen=True, slots=True)
class FamilyRow:
    """A family with its hosts. ``cap`` is the highest confidence of a verdict there (``75 %``), "" without a cap."""

    name: str
    cap: str
    reason: str
    proven: str
    hosts: tuple[str, ...]

    @property
    def where(self) -> str:
        """The first hosts of it."""
        return listed(self.hosts)


def family_rows(assessment: Assessment) -> tuple[FamilyRow, ...]:
    """The families that hosts of the estate belong to, in the order of the table."""
    hosts: dict[str, list[str]] = {}
    for each in assessment.hosts:
        if each.snapshot.status != "unreachable":
            hosts.setdefault(family_of(each.snapshot).name, []).append(each.snapshot.host)
    return tuple(
        FamilyRow(
            each.name, percent(each.cap) if each.reason else "", each.reason, each.proven, tuple(hosts[each.name])
        )
        for each in families()
        if each.name in hosts
    )
