"""What is found out of a large estate, on disk instead of in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from assess.assessment import Assessment
from assess.model import Finding, Fit, HostAssessment, JudgedHost, PortUse, Undetermined, Verdict, WorkloadAssessment
from assess.planning.settled_ports import SettledPorts
from assess.streaming.reported_hosts import ReportedHost, as_shown, shown
from assess.streaming.results import EstateResult
from assess.streaming.spool import Spool
from assess.subjects.host_summary import HostSummary, PackedSummary
from assess.workloads.published_ports import transport_of

T = TypeVar("T")


class SpooledSequence(Collection[T], Generic[T]):
    """Values that are read anew by each walk through them. ``count`` is their number."""

    def __init__(self, count: int, walk: Callable[[], Iterator[T]]) -> None:
        self._count = count
        self._walk = walk

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self._walk()

    def __contains__(self, value: object) -> bool:
        return any(each == value for each in self)


class _Judged(msgspec.Struct, array_like=True, frozen=True):
    """A :class:`WorkloadAssessment` without the workload, which is kept already."""

    verdict: Verdict
    score: int
    confidence: float
    reasons: tuple[str, ...]
    fits: tuple[Fit, ...]
    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    settings: tuple[str, ...]


class SpooledResults:
    """Keeps results in unnamed files in ``folder``; a host's snapshot is kept as far as reports show it.

    Implements :class:`assess.streaming.results.Results`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._looks: Spool[HostSummary] = Spool(HostSummary, folder)
        self._of_estate: Spool[Finding] = Spool(Finding, folder)
        self._numbers: dict[int, array[int]] = {}
        self._of_no_host: list[Finding] = []
        self._hosts: Spool[ReportedHost] = Spool(ReportedHost, folder)
        self._judged: Spool[tuple[_Judged, ...]] = Spool(tuple[_Judged, ...], folder)
        self._ports: Spool[tuple[PortUse, ...]] = Spool(tuple[PortUse, ...], folder)
        # How many findings of the host, and of each of its workloads, are its own: these are the first of them.
        self._own = array("L")
        self._own_in_all = 0
        self._workloads_in_all = 0
        self._ports_in_all = 0

    def add_look(self, look: HostSummary | PackedSummary) -> None:
        """See :class:`assess.streaming.results.Results`."""
        if isinstance(look, HostSummary):
            self._looks.append(look)
        else:
            self._looks.append_packed(look)

    def look(self, number: int) -> HostSummary:
        """See :class:`assess.streaming.results.Results`."""
        return self._looks[number]

    def add_of_estate(self, number: int | None, finding: Finding) -> None:
        """See :class:`assess.streaming.results.Results`."""
        if number is not None:
            self._numbers.setdefault(number, array("L")).append(len(self._of_estate))
        else:
            self._of_no_host.append(finding)
        self._of_estate.append(finding)

    def of_estate(self, number: int) -> Sequence[Finding]:
        """See :class:`assess.streaming.results.Results`."""
        return [self._of_estate[each] for each in self._numbers.get(number, ())]

    def replace_of_estate(self, number: int, findings: Sequence[Finding]) -> None:
        """See :class:`assess.streaming.results.Results`."""
        for place, finding in zip(self._numbers.get(number, ()), findings, strict=True):
            self._of_estate[place] = finding

    def add(self, judged: JudgedHost) -> None:
        """See :class:`assess.streaming.results.Results`."""
        own = Counter(each.workload for each in judged.findings)
        self._own.extend([own[None], *(own[each.workload.id] for each in judged.workloads)])
        self._own_in_all += len(judged.findings)
        self._workloads_in_all += len(judged.workloads)
        self._ports_in_all += len(judged.ports)
        self._hosts.append(shown(judged.host))
        self._judged.append(
            tuple(
                _Judged(
                    each.verdict,
                    each.score,
                    each.confidence,
                    each.reasons,
                    each.fits,
                    each.findings,
                    each.undetermined,
                    each.settings,
                )
                for each in judged.workloads
            )
        )
        # Ten thousand hosts want port 22: who else wants a port is kept once, not in each of their rows.
        self._ports.append(
            tuple(replace(each, wanted_by=(each.workload,)) if each.wanted_by else each for each in judged.ports)
        )

    def assessment(self, estate: EstateResult) -> Assessment:
        """See :class:`assess.streaming.results.Results`."""
        settled = SettledPorts(estate.plan, estate.targets)
        return Assessment(
            made=estate.made,
            inventory=estate.inventory,
            hosts=SpooledSequence(len(self._hosts), self._all_hosts),
            targets=estate.targets,
            workloads=SpooledSequence(self._workloads_in_all, lambda: self._all_workloads(settled)),
            port_plan=SpooledSequence(self._ports_in_all, lambda: self._all_ports(estate.port_claims)),
            findings=SpooledSequence(self._own_in_all + len(self._of_estate), lambda: self._all_findings(settled)),
            undetermined=estate.undetermined,
            plan=estate.plan,
            notices=estate.notices,
            of_no_host=tuple(self._of_no_host),
        )

    def _all_hosts(self) -> Iterator[HostAssessment]:
        return (as_shown(each) for each in self._hosts)

    def _all_workloads(self, settled: SettledPorts) -> Iterator[WorkloadAssessment]:
        for look, host, judged in zip(self._looks, self._hosts, self._judged, strict=True):
            for workload, each in zip(look.workloads, judged, strict=True):
                made = WorkloadAssessment(
                    workload,
                    each.verdict,
                    each.score,
                    each.confidence,
                    each.reasons,
                    each.fits,
                    each.findings,
                    each.undetermined,
                    each.settings,
                )
                yield settled.workload(made, host.findings)

    def _all_ports(self, claims: Mapping[tuple[str, int], tuple[str, ...]]) -> Iterator[PortUse]:
        for rows in self._ports:
            for row in rows:
                wanted = row.wanted_by and claims[transport_of(row.protocol), row.port]
                yield replace(row, wanted_by=wanted) if wanted else row

    def _all_findings(self, settled: SettledPorts) -> Iterator[Finding]:
        own = iter(self._own)
        for host, workloads in zip(self._hosts, self._judged, strict=True):
            yield from host.findings[: next(own)]
            for workload in workloads:
                yield from workload.findings[: next(own)]
        yield from map(settled.finding, self._of_estate)
