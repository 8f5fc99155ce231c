"""CPL002."""

from __future__ import annotations

import posixpath

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("CPL002", scope=Scope.WORKLOAD, needs=("processes", "open_files"))
def shared_files(subject: WorkloadSubject) -> RuleAnswer:
    """Another service of the same server works on its files.

    Why:
        Each container has its own file system. Two programs that hand each other files, or lock them, no longer see
        the same ones; on a network file system locks may not hold.
    Remedy:
        Mount one volume into both containers, on one host, with the same user ids. Across hosts use storage that
        several may write to (ReadWriteMany) and that keeps locks, or a protocol instead of files.
    Source:
        Files that one of them holds open for writing, and the other holds open or has beside them in the same
        directory, at the time of the scan. Logs and temporary files are left out.
    """
    told: set[str] = set()
    directories = subject.host.writers_by_directory
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            directory = posixpath.dirname(file.target)
            for other, theirs in directories.get(directory, {}).items():
                if other == subject.workload.id or other in told:
                    continue
                # Reading beside what another writes says little; the same file does.
                if not file.writable and theirs.target != file.target:
                    continue
                told.add(other)
                mine = f"{process.name} (pid {process.pid}) holds {file.target} open"
                yield Hit(
                    Severity.MINOR,
                    f"It shares {directory} with {other}.",
                    (
                        Evidence(mine, file.origin),
                        Evidence(f"pid {theirs.pid} of {other} holds {theirs.target} open for writing", theirs.origin),
                    ),
                )
