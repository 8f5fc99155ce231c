"""Where what is found out goes, host by host, until the assessment is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assess.assessment import Assessment
from assess.model import Finding, HostAssessment, JudgedHost, PortUse, Target, Undetermined, WorkloadAssessment
from assess.planning.model import EstatePlan
from assess.planning.settled_ports import SettledPorts
from assess.subjects.host_summary import HostSummary, PackedSummary, read


@dataclass(frozen=True, slots=True)
class EstateResult:
    """The estate as a whole, see :class:`assess.assessment.Assessment`. ``port_claims`` are the ids of services that
    claim each (transport, port).
    """

    made: float
    inventory: str
    targets: tuple[Target, ...]
    port_claims: Mapping[tuple[str, int], tuple[str, ...]]
    undetermined: tuple[Undetermined, ...]
    plan: EstatePlan
    notices: tuple[str, ...]


class Results(Protocol):
    """Takes hosts in the order of the inventory, and counts them from 0.

    What was found by comparing hosts is known before they are judged: it waits here for its host.
    """

    def add_look(self, look: HostSummary | PackedSummary) -> None:
        """What the first look at the next host found, before any is judged."""

    def look(self, number: int) -> HostSummary:
        """It again."""

    def add_of_estate(self, number: int | None, finding: Finding) -> None:
        """The next finding about the estate; ``number`` is that of its host, None when it is about no host."""

    def of_estate(self, number: int) -> Sequence[Finding]:
        """The findings about the estate that are about a host."""

    def replace_of_estate(self, number: int, findings: Sequence[Finding]) -> None:
        """Put these in their place: as many, in the same order."""

    def add(self, judged: JudgedHost) -> None:
        """The next host that was judged."""

    def assessment(self, estate: EstateResult) -> Assessment:
        """The whole."""


class InMemoryResults:
    """Keeps all in memory: for estates that fit. Implements :class:`Results`."""

    def __init__(self) -> None:
        self._looks: list[HostSummary | PackedSummary] = []
        self._of_estate: list[Finding] = []
        self._numbers: dict[int, list[int]] = {}
        self._of_no_host: list[Finding] = []
        self._hosts: list[HostAssessment] = []
        self._judged: list[WorkloadAssessment] = []
        self._ports: list[PortUse] = []
        self._findings: list[Finding] = []

    def add_look(self, look: HostSummary | PackedSummary) -> None:
        """See :class:`Results`."""
        self._looks.append(look)

    def look(self, number: int) -> HostSummary:
        """See :class:`Results`."""
        return read(self._looks[number])

    def add_of_estate(self, number: int | None, finding: Finding) -> None:
        """See :class:`Results`."""
        if number is not None:
            self._numbers.setdefault(number, []).append(len(self._of_estate))
        else:
            self._of_no_host.append(finding)
        self._of_estate.append(finding)

    def of_estate(self, number: int) -> Sequence[Finding]:
        """See :class:`Results`."""
        return [self._of_estate[each] for each in self._numbers.get(number, ())]

    def replace_of_estate(self, number: int, findings: Sequence[Finding]) -> None:
        """See :class:`Results`."""
        for place, finding in zip(self._numbers.get(number, ()), findings, strict=True):
            self._of_estate[place] = finding

    def add(self, judged: JudgedHost) -> None:
        """See :class:`Results`."""
        self._hosts.append(judged.host)
        self._judged += judged.workloads
        self._ports += judged.ports
        self._findings += judged.findings

    def assessment(self, estate: EstateResult) -> Assessment:
        """See :class:`Results`."""
        settled = SettledPorts(estate.plan, estate.targets)
        of_hosts = {host.snapshot.host: host.findings for host in self._hosts}
        return Assessment(
            made=estate.made,
            inventory=estate.inventory,
            hosts=tuple(self._hosts),
            targets=estate.targets,
            workloads=tuple(settled.workload(each, of_hosts[each.workload.host]) for each in self._judged),
            port_plan=tuple(self._ports),
            findings=tuple(map(settled.finding, (*self._findings, *self._of_estate))),
            undetermined=estate.undetermined,
            plan=estate.plan,
            notices=estate.notices,
            of_no_host=tuple(self._of_no_host),
        )
