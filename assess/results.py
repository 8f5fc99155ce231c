"""Where what is found out goes, host by host, until the assessment is whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from assess.estate_plan import EstatePlan
from assess.model import (
    Assessment,
    Finding,
    HostAssessment,
    JudgedHost,
    PortUse,
    Target,
    Undetermined,
    Workload,
    WorkloadAssessment,
)


class Results(Protocol):
    """Takes hosts in the order of the inventory, and counts them from 0.

    What was found by comparing hosts is known before they are judged: it waits here for its host.
    """

    def add_workloads(self, workloads: tuple[Workload, ...]) -> None:
        """The workloads of the next host, before any is judged."""

    def workloads(self, number: int) -> tuple[Workload, ...]:
        """Them again."""

    def add_of_estate(self, number: int | None, finding: Finding) -> None:
        """The next finding about the estate; ``number`` is that of its host, None when it is about no host."""

    def of_estate(self, number: int) -> Sequence[Finding]:
        """The findings about the estate that are about a host."""

    def replace_of_estate(self, number: int, findings: Sequence[Finding]) -> None:
        """Put these in their place: as many, in the same order."""

    def add(self, judged: JudgedHost) -> None:
        """The next host that was judged."""

    def assessment(
        self,
        *,
        made: float,
        inventory: str,
        targets: tuple[Target, ...],
        port_claims: Mapping[tuple[str, int], tuple[str, ...]],
        undetermined: tuple[Undetermined, ...],
        plan: EstatePlan,
        notices: tuple[str, ...],
    ) -> Assessment:
        """The whole. ``port_claims`` are the ids of the services that want each (transport, port)."""


class HeldResults:
    """Keeps all in memory: for estates that fit. Implements :class:`Results`."""

    def __init__(self) -> None:
        self._workloads: list[tuple[Workload, ...]] = []
        self._of_estate: list[Finding] = []
        self._numbers: dict[int, list[int]] = {}
        self._hosts: list[HostAssessment] = []
        self._judged: list[WorkloadAssessment] = []
        self._ports: list[PortUse] = []
        self._findings: list[Finding] = []

    def add_workloads(self, workloads: tuple[Workload, ...]) -> None:
        """See :class:`Results`."""
        self._workloads.append(workloads)

    def workloads(self, number: int) -> tuple[Workload, ...]:
        """See :class:`assess.results.Results`."""
        return self._workloads[number]

    def add_of_estate(self, number: int | None, finding: Finding) -> None:
        """See :class:`assess.results.Results`."""
        if number is not None:
            self._numbers.setdefault(number, []).append(len(self._of_estate))
        self._of_estate.append(finding)

    def of_estate(self, number: int) -> Sequence[Finding]:
        """See :class:`assess.results.Results`."""
        return [self._of_estate[each] for each in self._numbers.get(number, ())]

    def replace_of_estate(self, number: int, findings: Sequence[Finding]) -> None:
        """See :class:`assess.results.Results`."""
        for place, finding in zip(self._numbers.get(number, ()), findings, strict=True):
            self._of_estate[place] = finding

    def add(self, judged: JudgedHost) -> None:
        """See :class:`assess.results.Results`."""
        self._hosts.append(judged.host)
        self._judged += judged.workloads
        self._ports += judged.ports
        self._findings += judged.findings

    def assessment(
        self,
        *,
        made: float,
        inventory: str,
        targets: tuple[Target, ...],
        port_claims: Mapping[tuple[str, int], tuple[str, ...]],
        undetermined: tuple[Undetermined, ...],
        plan: EstatePlan,
        notices: tuple[str, ...],
    ) -> Assessment:
        """See :class:`assess.results.Results`."""
        return Assessment(
            made=made,
            inventory=inventory,
            hosts=tuple(self._hosts),
            targets=targets,
            workloads=tuple(self._judged),
            port_plan=tuple(self._ports),
            findings=(*self._findings, *self._of_estate),
            undetermined=undetermined,
            plan=plan,
            notices=notices,
        )
