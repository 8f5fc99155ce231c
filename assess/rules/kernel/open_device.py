"""KRN007: workloads that hold a device open."""

from __future__ import annotations

from assess.knowledge.system_tables import device
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("KRN007", scope=Scope.WORKLOAD, needs=("processes", "open_files"), aliases=("device-held-open",))
def open_device(subject: WorkloadSubject) -> RuleAnswer:
    """Service holds a device open that containers do not have.

    Why:
        A container has null, zero, full, random, urandom, tty and its own terminals. Any other node is missing, and
        creating it with mknod does not help: the device cgroup denies opening it. Hardware also ties the workload to
        the one host that has it.
    Remedy:
        Give the container the device (--device) on a host that has it, or do without; the finding has details for each
        kind.
    Source:
        The device rules that runc and crun apply; open files in /proc/PID/fd. The denial after mknod was tested.
    """
    seen: set[str] = set()
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if not file.target.startswith("/dev/") or file.target in seen:
                continue
            seen.add(file.target)
            kind = device(file.target)
            if kind is not None:
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open as descriptor {file.descriptor}"
                yield Hit(
                    Severity(kind.severity),
                    f"The service uses {file.target} ({kind.what}).",
                    (Evidence(fact, file.origin),),
                    kind.remedy,
                    settings=(f"device {file.target}",),
                )
