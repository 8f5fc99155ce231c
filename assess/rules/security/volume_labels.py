"""SEC010: workloads whose mounted data directories need SELinux labels on the target."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject

_TOLD = 4


@rule("SEC010", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",), aliases=("volumes-need-labels",))
def volume_labels(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Data directories need SELinux labels on the target.

    Why:
        Containers run as type container_t and may access only files of type container_file_t. A mounted host directory
        keeps its own label, and the service gets "permission denied" whatever its owner and mode. Volumes that the
        engine creates have the right label.
    Remedy:
        Mount host directories with :Z (private to this container) or :z (shared by several), never system directories
        such as /etc or /home; or use engine volumes.
    Source:
        The target's /sys/fs/selinux/enforce; container_selinux(8); engine documentation on volume labels.
    """
    target = subject.target
    data = subject.workload.data
    if target.selinux == "enforcing" and data:
        named = ", ".join(each.path for each in data[:_TOLD])
        rest = f" and {len(data) - _TOLD} more" if len(data) > _TOLD else ""
        yield Hit(
            Severity.INFO,
            f"{target.name} enforces SELinux: mounts at {named}{rest} need a label.",
            (Evidence(f"SELinux is enforcing on {target.name} ({target.origin})"),),
            "Mount host directories with :Z, or :z where several containers share one.",
        )
