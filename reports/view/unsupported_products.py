"""Products that reached their end of life."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assess.model import Finding
from reports.view.findings import ORDER
from reports.view.labels import SEVERITIES, Label, count, listed

NAME = "end-of-life"
"""Rules about support have this in their name, whatever they are about: a distribution, a database, a language."""


@dataclass(frozen=True, slots=True)
class LifecycleRow:
    """One thing out of support, and where it runs."""

    message: str
    severity: Label
    hosts: tuple[str, ...]
    workloads: int

    @property
    def where(self) -> str:
        """``on mail01 (2 workloads)``."""
        affected = f" ({count(self.workloads, 'workload')})" if self.workloads else ""
        return f"on {listed(self.hosts)}{affected}"


def lifecycle_rows(findings: Iterable[Finding]) -> tuple[LifecycleRow, ...]:
    """The worst first, then what runs on the most hosts."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        if NAME in finding.name:
            groups.setdefault(finding.message, []).append(finding)
    rows: list[tuple[int, LifecycleRow]] = []
    for message, group in groups.items():
        severity = min((finding.severity for finding in group), key=ORDER.__getitem__)
        hosts = tuple(dict.fromkeys(finding.host for finding in group if finding.host))
        workloads = len({finding.workload for finding in group if finding.workload})
        rows.append((ORDER[severity], LifecycleRow(message, SEVERITIES[severity], hosts, workloads)))
    return tuple(row for _order, row in sorted(rows, key=lambda pair: (pair[0], -len(pair[1].hosts))))
