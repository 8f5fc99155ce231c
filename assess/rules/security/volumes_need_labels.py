"""SEC010."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject

_TOLD = 4


@rule("SEC010", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",))
def volumes_need_labels(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """The target enforces SELinux, and the workload keeps data in directories that may be mounted from it.

    Why:
        A container runs as the type container_t and may use files of the type container_file_t alone. A directory of
        the host that is mounted keeps its own label, and the service gets "permission denied" whatever its owner and
        mode say. Volumes that the engine makes have the right label.
    Remedy:
        Mount directories of the host with :Z (this container alone) or :z (several share it), never those of the system
        such as /etc or /home; or use volumes of the engine.
    Source:
        /sys/fs/selinux/enforce of the target; container_selinux(8); documentation of the engines on volume labels.
    """
    target = subject.target
    data = subject.workload.data
    if target.selinux == "enforcing" and data:
        named = ", ".join(each.path for each in data[:_TOLD])
        rest = f" and {len(data) - _TOLD} more" if len(data) > _TOLD else ""
        yield Hit(
            Severity.INFO,
            f"{target.name} enforces SELinux: what is mounted at {named}{rest} needs a label.",
            (Evidence(f"SELinux is enforcing on {target.name} ({target.origin})"),),
            "Mount directories of the host with :Z, or :z where several containers share one.",
        )
