"""CPL006."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("CPL006", scope=Scope.WORKLOAD, needs=("processes",))
def child_of_another(subject: WorkloadSubject) -> RuleAnswer:
    """Another service of the same server has started it and is its parent.

    Why:
        A parent in one container cannot start or watch a process in another one. It may also have handed over open
        files, its environment and its account.
    Remedy:
        Keep both in one container, or let the engine start each by itself.
    Source:
        Parents of its processes at the time of the scan.
    """
    for process in subject.workload.processes:
        # The first process adopts what has lost its parent, also where it is a service itself.
        if process.ppid <= 1:
            continue
        parent = subject.host.workload_of_pid.get(process.ppid)
        if parent is not None and parent.kind == "service" and parent.id != subject.workload.id:
            yield Hit(
                Severity.MINOR,
                f"{parent.name} has started {process.name}.",
                (Evidence(f"{process.name} (pid {process.pid}) is a child of {process.ppid}", process.origin),),
            )
            return
