"""The assessment of a whole estate: what every report, export and comparison is made from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assess.model import Finding, HostAssessment, PortUse, Target, Undetermined, WorkloadAssessment
from assess.planning.model import EstatePlan


@dataclass(frozen=True, slots=True)
class Assessment:
    """The whole estate. ``made`` is our clock in seconds since the epoch; ``inventory`` the path as it was given.

    ``findings`` are all of them; ``undetermined`` only what belongs to no host (a rule about the estate that failed).
    ``plan`` is None when nothing was planned; ``notices`` are sentences for who runs the assessment. ``of_no_host`` are
    those of the findings that are about no host, None where they were not separated. Of a large estate the
    collections are on disk, and each iteration reads one again.
    """

    made: float
    inventory: str
    hosts: Collection[HostAssessment]
    targets: tuple[Target, ...]
    workloads: Collection[WorkloadAssessment]
    port_plan: Collection[PortUse]
    findings: Collection[Finding]
    undetermined: tuple[Undetermined, ...] = ()
    plan: EstatePlan | None = None
    notices: tuple[str, ...] = ()
    of_no_host: tuple[Finding, ...] | None = None

    def workload(self, workload_id: str) -> WorkloadAssessment | None:
        """The workload with this id."""
        return next((each for each in self.workloads if each.workload.id == workload_id), None)
