"""PRC014."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule("PRC014", scope=Scope.WORKLOAD, needs=("processes", "open_files"), platform=Platform.POSIX)
def watches_file_accesses(subject: WorkloadSubject) -> RuleAnswer:
    """It watches accesses to whole file systems (fanotify), as scanners against malware do.

    Why:
        The kernel wants SYS_ADMIN for it. It is about a file system and not about a container: it sees the accesses of
        everybody or, within a container, nobody's.
    Remedy:
        Run it once on each container host.
    Source:
        Descriptors of fanotify in /proc/PID/fd; fanotify(7). Refusal tested.
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.kernel_object == "fanotify":
                fact = f"{process.name} (pid {process.pid}) holds fanotify as descriptor {file.descriptor}"
                yield Hit(
                    Severity.MAJOR, f"{process.name} watches accesses with fanotify.", (Evidence(fact, file.origin),)
                )
                return
