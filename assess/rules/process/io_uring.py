"""PRC013: services that use io_uring."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule(
    "PRC013",
    scope=Scope.WORKLOAD,
    needs=("processes", "open_files"),
    platform=Platform.POSIX,
    aliases=("uses-io-uring",),
)
def io_uring(subject: WorkloadSubject) -> RuleAnswer:
    """Service uses io_uring, which engines deny by default.

    Why:
        The default seccomp profiles of Docker and containerd deny io_uring_setup. Programs with a fallback (databases,
        nginx) use it and are slower; others do not start.
    Remedy:
        Test the program without io_uring. If it cannot run without it, use a seccomp profile that allows the three
        io_uring calls, on hosts that trust it.
    Source:
        Open io_uring descriptors in /proc/PID/fd; Docker's default seccomp profile. The denial was tested.
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.kernel_object == "io_uring":
                fact = f"{process.name} (pid {process.pid}) has io_uring open as descriptor {file.descriptor}"
                yield Hit(Severity.MINOR, f"{process.name} uses io_uring.", (Evidence(fact, file.origin),))
                return
