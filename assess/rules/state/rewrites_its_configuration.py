"""DAT008."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("DAT008", scope=Scope.WORKLOAD, needs=("processes", "open_files", "directories"))
def rewrites_its_configuration(subject: WorkloadSubject) -> RuleAnswer:
    """It writes its own configuration while it runs.

    Why:
        Configuration that is part of the image is the same for every container and comes back at each start: what
        somebody set in an administration page is gone. Configuration that is mounted read-only makes such a program
        fail.
    Remedy:
        Treat the directory as data: a volume, filled from the old server. Keep it in version control where the program
        lets you.
    Source:
        Files below /etc that it holds open for writing, and directories of /etc that belong to its account.
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.writable and not file.deleted and file.target.startswith("/etc/"):
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open for writing"
                yield Hit(Severity.MINOR, f"It writes {file.target}.", (Evidence(fact, file.origin),))
                return
    accounts = {process.effective_uid for process in subject.workload.processes} - {0}
    for directory in value_or_none(subject.host.snapshot.directories) or ():
        if (
            directory.uid in accounts
            and directory.path in subject.workload.configuration_roots
            and directory.path.startswith("/etc/")
            and directory.mode & 0o200
        ):
            fact = f"{directory.path} belongs to {subject.host.account(directory.uid)}, under which it runs"
            yield Hit(
                Severity.MINOR,
                f"It may write its configuration in {directory.path}.",
                (Evidence(fact, directory.origin),),
            )
            return
