"""CPL006: services whose parent process belongs to another service."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("CPL006", scope=Scope.WORKLOAD, needs=("processes",), aliases=("child-of-another",))
def child_of_other_service(subject: WorkloadSubject) -> RuleAnswer:
    """Service is started by another service on the same host.

    Why:
        A parent in one container cannot start or monitor a process in another. It may also have passed on open files,
        its environment and its account.
    Remedy:
        Keep both in one container, or let the container engine start each one separately.
    Source:
        Parent processes at the time of the scan.
    """
    for process in subject.workload.processes:
        # The first process adopts what has lost its parent, also where it is a service itself.
        if process.ppid <= 1:
            continue
        parent = subject.host.workload_of_pid.get(process.ppid)
        if parent is not None and parent.kind == "service" and parent.id != subject.workload.id:
            yield Hit(
                Severity.MINOR,
                f"{parent.name} started {process.name}.",
                (Evidence(f"{process.name} (pid {process.pid}) is a child of {process.ppid}", process.origin),),
            )
            return
