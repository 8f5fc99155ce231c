"""PRC014: services that monitor file accesses with fanotify."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule(
    "PRC014",
    scope=Scope.WORKLOAD,
    needs=("processes", "open_files"),
    platform=Platform.POSIX,
    aliases=("watches-file-accesses",),
)
def file_access_monitoring(subject: WorkloadSubject) -> RuleAnswer:
    """Service monitors accesses to whole file systems (fanotify), as malware scanners do.

    Why:
        The kernel requires SYS_ADMIN for fanotify. It covers a file system and not a container: the service sees
        everyone's accesses or, inside a container, none.
    Remedy:
        Run it once on each container host.
    Source:
        Fanotify descriptors in /proc/PID/fd; fanotify(7). The denial was tested.
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.kernel_object == "fanotify":
                fact = f"{process.name} (pid {process.pid}) has fanotify open as descriptor {file.descriptor}"
                yield Hit(
                    Severity.MAJOR,
                    f"{process.name} monitors file accesses with fanotify.",
                    (Evidence(fact, file.origin),),
                )
                return
