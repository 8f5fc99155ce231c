"""PRC021: services that write login records."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform

_RECORDS = frozenset(
    f"{folder}/{name}" for folder in ("/var/log", "/var/run", "/run") for name in ("wtmp", "btmp", "utmp", "lastlog")
)


@rule("PRC021", scope=Scope.WORKLOAD, needs=("processes", "open_files"), platform=Platform.POSIX)
def login_records(subject: WorkloadSubject) -> RuleAnswer:
    """Service writes login records (utmp, wtmp).

    Why:
        A container has no logins and usually no such files. `who` and `last` on the container host do not show what the
        service records inside.
    Remedy:
        Turn the records off in the service, or store them in a volume if they are needed.
    Source:
        Files utmp, wtmp, btmp and lastlog held open for writing; utmp(5).
    """
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.writable and file.target in _RECORDS:
                fact = f"{process.name} (pid {process.pid}) holds {file.target} open for writing"
                yield Hit(
                    Severity.INFO, f"The service writes login records to {file.target}.", (Evidence(fact, file.origin),)
                )
                return
