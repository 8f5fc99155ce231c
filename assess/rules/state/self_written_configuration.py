"""DAT008: services that write their own configuration."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule(
    "DAT008",
    scope=Scope.WORKLOAD,
    needs=("processes", "open_files", "directories"),
    aliases=("rewrites-its-configuration",),
)
def self_written_configuration(subject: WorkloadSubject) -> RuleAnswer:
    """Service writes its own configuration at run time.

    Why:
        Configuration in the image is the same for every container and is restored at each start: changes made in an
        administration page are lost. A program whose configuration is mounted read-only fails.
    Remedy:
        Treat the directory as data: use a volume, filled from the old host. Put it under version control if the program
        supports that.
    Source:
        Files below /etc that the service holds open for writing, and directories in /etc that belong to its account.
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.writable and not file.deleted and file.target.startswith("/etc/"):
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open for writing"
                yield Hit(Severity.MINOR, f"The service writes {file.target}.", (Evidence(fact, file.origin),))
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
                f"The service can write its configuration in {directory.path}.",
                (Evidence(fact, directory.origin),),
            )
            return
