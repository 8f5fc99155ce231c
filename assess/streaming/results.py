"""Everything found about the hosts of an estate, in memory or on disk, until the assessment is whole."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import msgspec

from assess.assessment import Assessment
from assess.model import (
    Finding,
    Fit,
    HostAssessment,
    JudgedHost,
    PortUse,
    Target,
    Undetermined,
    Verdict,
    WorkloadAssessment,
)
from assess.planning.model import EstatePlan
from assess.planning.settled_ports import SettledPorts
from assess.streaming.reported_hosts import ReportedHost, from_reported, to_reported
from assess.streaming.spool import Spool
from assess.subjects.host_summary import HostSummary, PackedSummary, unpack_summary
from assess.workloads.published_ports import transport_of

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class EstateResult:
    """The estate as a whole, see :class:`assess.assessment.Assessment`. ``port_claims`` are the ids of the services
    that claim each (transport, port).
    """

    made: float
    inventory: str
    targets: tuple[Target, ...]
    port_claims: Mapping[tuple[str, int], tuple[str, ...]]
    undetermined: tuple[Undetermined, ...]
    plan: EstatePlan
    notices: tuple[str, ...]


class _Values(Protocol[T]):
    """The part of a list that results need: a list offers it in memory, :class:`_ConvertedSpool` on disk."""

    def append(self, value: T, /) -> None: ...
    def __getitem__(self, index: int, /) -> T: ...
    def __setitem__(self, index: int, value: T, /) -> None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[T]: ...


class _ConvertedSpool(Generic[T, S]):
    """A spool of values in another form. ``load`` is given the number of the value as well."""

    def __init__(self, spool: Spool[S], store: Callable[[T], S], load: Callable[[int, S], T]) -> None:
        self._spool = spool
        self._store = store
        self._load = load

    def append(self, value: T, /) -> None:
        self._spool.append(self._store(value))

    def __getitem__(self, index: int, /) -> T:
        return self._load(index, self._spool[index])

    def __setitem__(self, index: int, value: T, /) -> None:
        self._spool[index] = self._store(value)

    def __len__(self) -> int:
        return len(self._spool)

    def __iter__(self) -> Iterator[T]:
        return (self._load(number, each) for number, each in enumerate(self._spool))

    def stored(self) -> Iterator[S]:
        """Iterate over the values as they are stored, which saves what it costs to load them."""
        return iter(self._spool)


class _SummarySpool(Spool[Any]):
    """Summaries on disk, which take packed ones as they are."""

    def append(self, value: HostSummary | PackedSummary) -> None:
        if isinstance(value, HostSummary):
            super().append(value)
        else:
            self.append_packed(value)


class SpooledSequence(Collection[T], Generic[T]):
    """Values that each iteration reads from disk. ``count`` is their number."""

    def __init__(self, count: int, values: Callable[[], Iterator[T]]) -> None:
        self._count = count
        self._values = values

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        return self._values()

    def __contains__(self, value: object) -> bool:
        return any(each == value for each in self)


class _WorkloadVerdict(msgspec.Struct, array_like=True, frozen=True):
    """A :class:`WorkloadAssessment` without the workload, which the summary of its host has."""

    verdict: Verdict
    score: int
    confidence: float
    reasons: tuple[str, ...]
    fits: tuple[Fit, ...]
    findings: tuple[Finding, ...]
    undetermined: tuple[Undetermined, ...]
    settings: tuple[str, ...]


class Results:
    """Takes the hosts in the order of the inventory, and counts them from 0.

    Findings that compare hosts are known before the hosts are judged: they wait here for their host. On disk, results
    are in unnamed files, and of a snapshot those facts are stored that reports show.
    """

    def __init__(self) -> None:
        self._summaries: _Values[HostSummary | PackedSummary] = _in_memory()
        self._estate_findings: _Values[Finding] = _in_memory()
        self._hosts: _Values[HostAssessment] = _in_memory()
        self._judged: _Values[tuple[WorkloadAssessment, ...]] = _in_memory()
        self._ports: _Values[tuple[PortUse, ...]] = _in_memory()
        self._on_disk = False
        self._numbers: dict[int, array[int]] = {}
        self._of_no_host: list[Finding] = []
        # The number of findings of the host, and of each of its workloads, that are not about the estate. They are the
        # first ones of each.
        self._own = array("L")
        self._own_count = 0
        self._workload_count = 0
        self._port_count = 0

    @classmethod
    def on_disk(cls, folder: Path | None = None) -> Results:
        """Results of an estate that does not fit in memory, in unnamed files in ``folder``. Raises WorkspaceError."""
        made = cls()
        made._on_disk = True
        made._summaries = _SummarySpool(HostSummary, folder)
        made._estate_findings = _ConvertedSpool(Spool(Finding, folder), lambda each: each, lambda _, each: each)
        made._hosts = _ConvertedSpool(Spool(ReportedHost, folder), to_reported, lambda _, each: from_reported(each))
        verdicts: Spool[tuple[_WorkloadVerdict, ...]] = Spool(tuple[_WorkloadVerdict, ...], folder)
        made._judged = _ConvertedSpool(verdicts, _without_workloads, made._with_workloads)
        ports: Spool[tuple[PortUse, ...]] = Spool(tuple[PortUse, ...], folder)
        made._ports = _ConvertedSpool(ports, lambda each: each, lambda _, each: each)
        return made

    def add_summary(self, summary: HostSummary | PackedSummary) -> None:
        """Add the result of the first pass over the next host."""
        self._summaries.append(summary)

    def summary(self, number: int) -> HostSummary:
        """Return the result of the first pass over a host. Raises WorkspaceError when it is damaged."""
        return unpack_summary(self._summaries[number])

    def add_estate_finding(self, number: int | None, finding: Finding) -> None:
        """Add a finding about the estate; ``number`` is that of its host, None when it is about no host."""
        if number is not None:
            self._numbers.setdefault(number, array("L")).append(len(self._estate_findings))
        else:
            self._of_no_host.append(finding)
        self._estate_findings.append(finding)

    def estate_findings(self, number: int) -> Sequence[Finding]:
        """Return the findings about the estate that are about a host."""
        return [self._estate_findings[each] for each in self._numbers.get(number, ())]

    def replace_estate_findings(self, number: int, findings: Sequence[Finding]) -> None:
        """Replace them by as many others, in the same order."""
        for place, finding in zip(self._numbers.get(number, ()), findings, strict=True):
            self._estate_findings[place] = finding

    def add(self, judged: JudgedHost) -> None:
        """Add the next judged host."""
        own = Counter(each.workload for each in judged.findings)
        self._own.extend([own[None], *(own[each.workload.id] for each in judged.workloads)])
        self._own_count += len(judged.findings)
        self._workload_count += len(judged.workloads)
        self._port_count += len(judged.ports)
        self._hosts.append(judged.host)
        self._judged.append(judged.workloads)
        # Ten thousand hosts use port 22: the services that claim a port are stored once, not in each row.
        self._ports.append(
            tuple(replace(each, wanted_by=(each.workload,)) if each.wanted_by else each for each in judged.ports)
        )

    def assessment(self, estate: EstateResult) -> Assessment:
        """Return the assessment of all hosts."""
        settled = SettledPorts(estate.plan, estate.targets)
        return Assessment(
            made=estate.made,
            inventory=estate.inventory,
            hosts=self._collection(len(self._hosts), lambda: iter(self._hosts)),
            targets=estate.targets,
            workloads=self._collection(self._workload_count, lambda: self._all_workloads(settled)),
            port_plan=self._collection(self._port_count, lambda: self._all_ports(estate.port_claims)),
            findings=self._collection(
                self._own_count + len(self._estate_findings), lambda: self._all_findings(settled)
            ),
            undetermined=estate.undetermined,
            plan=estate.plan,
            notices=estate.notices,
            of_no_host=tuple(self._of_no_host),
        )

    def _collection(self, count: int, values: Callable[[], Iterator[T]]) -> Collection[T]:
        return SpooledSequence(count, values) if self._on_disk else tuple(values())

    def _with_workloads(self, number: int, verdicts: tuple[_WorkloadVerdict, ...]) -> tuple[WorkloadAssessment, ...]:
        pairs = zip(self.summary(number).workloads, verdicts, strict=True)
        return tuple(WorkloadAssessment(workload, *msgspec.structs.astuple(each)) for workload, each in pairs)

    def _all_workloads(self, settled: SettledPorts) -> Iterator[WorkloadAssessment]:
        for host, workloads in zip(_stored(self._hosts), self._judged, strict=True):
            for each in workloads:
                yield settled.workload(each, host.findings)

    def _all_ports(self, claims: Mapping[tuple[str, int], tuple[str, ...]]) -> Iterator[PortUse]:
        for rows in self._ports:
            for row in rows:
                wanted = row.wanted_by and claims[transport_of(row.protocol), row.port]
                yield replace(row, wanted_by=wanted) if wanted else row

    def _all_findings(self, settled: SettledPorts) -> Iterator[Finding]:
        own = iter(self._own)
        for host, workloads in zip(_stored(self._hosts), _stored(self._judged), strict=True):
            yield from host.findings[: next(own)]
            for workload in workloads:
                yield from workload.findings[: next(own)]
        yield from map(settled.finding, self._estate_findings)


def _stored(values: _Values[Any]) -> Iterator[Any]:
    """Iterate over values of which only the findings are read: they are in every form of a host and of a workload."""
    return values.stored() if isinstance(values, _ConvertedSpool) else iter(values)


def _in_memory() -> _Values[T]:
    values: list[T] = []
    return values


def _without_workloads(judged: tuple[WorkloadAssessment, ...]) -> tuple[_WorkloadVerdict, ...]:
    return tuple(
        _WorkloadVerdict(
            each.verdict,
            each.score,
            each.confidence,
            each.reasons,
            each.fits,
            each.findings,
            each.undetermined,
            each.settings,
        )
        for each in judged
    )
