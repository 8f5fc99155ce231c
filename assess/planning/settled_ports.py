"""The answers of the plan to findings about contended ports.

A contended port is a matter of the plan, and counts against a service only where the plan cannot keep the port for its
clients.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assess.model import Finding, Severity, Target, WorkloadAssessment
from assess.planning.model import EstatePlan, PlannedPort
from assess.planning.placement.placement_problem import PortMethod
from assess.rules.network.shared_port import shared_port
from assess.scoring import judged_again

_SAID: Mapping[PortMethod, str] = {
    PortMethod.SAME: "The plan keeps the port.",
    PortMethod.ADDRESS: "The plan keeps the port, on a separate address.",
    PortMethod.PROXY: "The plan keeps the port, behind a reverse proxy.",
    PortMethod.MOVED: "The plan moves it to port {number}, so its clients must be changed.",
    PortMethod.STUCK: "The plan has no solution for it.",
}


class SettledPorts:
    """The answers of a plan to the findings about contended ports, and to the verdicts that follow from them."""

    def __init__(self, plan: EstatePlan, targets: Sequence[Target]) -> None:
        self._answers: dict[tuple[str | None, str], PlannedPort] = {
            (port.workload, f"{port.wished}/{port.transport}"): port for port in plan.ports
        }
        self._targets = targets
        self._priorities = plan.priorities

    def finding(self, finding: Finding) -> Finding:
        """The finding with the answer of the plan: major where clients must be changed. Others are returned as they
        are, and so are accepted ones.
        """
        if finding.rule != shared_port.id or finding.waived:
            return finding
        answer = self._answers.get((finding.workload, finding.about))
        if answer is None:
            return finding
        way = PortMethod(answer.way)
        said = _SAID[way].format(number=answer.number)
        severity = Severity.MAJOR if answer.changes_clients else finding.severity
        return replace(finding, severity=severity, message=f"{finding.message} {said}")

    def workload(self, each: WorkloadAssessment, host_findings: Sequence[Finding]) -> WorkloadAssessment:
        """The workload with these answers, judged again where one of them counts. ``host_findings`` are those about its
        host as a whole.
        """
        if not any(finding.rule == shared_port.id for finding in each.findings):
            return each
        findings = tuple(self.finding(finding) for finding in each.findings)
        made = replace(each, findings=findings)
        if all(old.severity is new.severity for old, new in zip(each.findings, findings, strict=True)):
            return made
        return judged_again(made, host_findings, self._targets, self._priorities)
