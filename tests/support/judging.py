"""Runs one rule over snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assess.assessment import Assessment
from assess.assessor import assess_estate
from assess.knowledge.system_tables import cpu_levels
from assess.model import Finding, Severity, Target, Undetermined
from assess.rule import Rule
from inventory.snapshot import Snapshot
from tests.support.snapshots import TAKEN

TARGET = Target(
    name="box",
    system="linux",
    architecture="x86_64",
    kernel_release="6.12.57+deb13-amd64",
    cpu_flags=(*cpu_levels()[2], *cpu_levels()[3]),
    engine="docker",
    engine_version="26.1.5",
    cgroup_version=2,
    origin="a test",
    vsyscall="none",
    ia32_emulation=True,
    ephemeral_ports=(32768, 60999),
    unprivileged_port_start=1024,
    rootless=False,
    swarm=False,
)


def target(**changes: object) -> Target:
    """The target of the tests, a current Debian on a processor of 2013 or later, with changes."""
    return replace(TARGET, **changes)  # type: ignore[arg-type]


def assess(*snapshots: Snapshot, targets: Sequence[Target] = (TARGET,), now: float = TAKEN) -> Assessment:
    return assess_estate(snapshots, targets, now, "hosts.ini")


class Verdicts:
    """What one rule said."""

    def __init__(self, assessment: Assessment, rule: Rule) -> None:
        self.findings: list[Finding] = [each for each in assessment.findings if each.rule == rule.id]
        groups = (
            assessment.undetermined,
            *(host.undetermined for host in assessment.hosts),
            *(workload.undetermined for workload in assessment.workloads),
        )
        self.undetermined: list[Undetermined] = [each for group in groups for each in group if each.rule == rule.id]

    @property
    def about(self) -> list[tuple[str, Severity]]:
        """(workload id or host, severity) of each finding, in order."""
        return [(each.workload or each.host, each.severity) for each in self.findings]

    @property
    def messages(self) -> list[str]:
        return [each.message for each in self.findings]

    @property
    def missing(self) -> set[str]:
        """The missing sections that leave it undetermined; "" for something else, such as a fact about the target."""
        return {each.section for each in self.undetermined}

    @property
    def silent(self) -> bool:
        """Whether the rule was decided, and found nothing."""
        return not self.findings and not self.undetermined


def judge(rule: Rule, *snapshots: Snapshot, targets: Sequence[Target] = (TARGET,), now: float = TAKEN) -> Verdicts:
    """Ask one rule about an estate. A rule that fails raises here, and is not merely shown."""
    verdicts = Verdicts(assess_estate(snapshots, targets, now, "hosts.ini", rules=(rule,)), rule)
    failed = [each.reason for each in verdicts.undetermined if each.failed]
    assert not failed, failed
    for finding in verdicts.findings:
        assert finding.message and finding.remedy and finding.evidence, finding
    return verdicts
