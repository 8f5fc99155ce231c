"""CPL002: services that work on the files of another service."""

from __future__ import annotations

import posixpath

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("CPL002", scope=Scope.WORKLOAD, needs=("processes", "open_files"))
def shared_files(subject: WorkloadSubject) -> RuleAnswer:
    """Service shares files with another service on the same host.

    Why:
        Each container has its own file system. Two programs that exchange or lock files no longer see the same files;
        on a network file system, locks may not hold.
    Remedy:
        Mount one volume into both containers, on one host, with the same user ids. Across hosts, use storage that
        supports several writers (ReadWriteMany) and file locks, or replace the files with a network protocol.
    Source:
        Files that one service holds open for writing, while the other holds the same file or another file in the same
        directory open, at the time of the scan. Logs and temporary files are ignored.
    """
    told: set[str] = set()
    directories = subject.host.writers_by_directory
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            directory = posixpath.dirname(file.target)
            for other, theirs in directories.get(directory, {}).items():
                if other == subject.workload.id or other in told:
                    continue
                # Reading a file in a directory where another writes proves little; reading the same file does.
                if not file.writable and theirs.target != file.target:
                    continue
                told.add(other)
                mine = f"{process.name} (pid {process.pid}) holds {file.target} open"
                yield Hit(
                    Severity.MINOR,
                    f"Files in {directory} are shared with {other}.",
                    (
                        Evidence(mine, file.origin),
                        Evidence(f"pid {theirs.pid} of {other} holds {theirs.target} open for writing", theirs.origin),
                    ),
                )
