"""PRC013."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule("PRC013", scope=Scope.WORKLOAD, needs=("processes", "open_files"), platform=Platform.POSIX)
def uses_io_uring(subject: WorkloadSubject) -> RuleAnswer:
    """It uses io_uring, which engines refuse.

    Why:
        The default seccomp profile of Docker and containerd refuses io_uring_setup. Programs that have another way
        (databases, nginx) take it and are slower; others do not start.
    Remedy:
        Try the program without it. Where it must have it, run it with a seccomp profile that allows the three calls
        of io_uring, on hosts that trust it.
    Source:
        Descriptors of io_uring in /proc/PID/fd; default seccomp profile of Docker. Refusal tested.
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.kernel_object == "io_uring":
                fact = f"{process.name} (pid {process.pid}) holds io_uring as descriptor {file.descriptor}"
                yield Hit(Severity.MINOR, f"{process.name} uses io_uring.", (Evidence(fact, file.origin),))
                return
