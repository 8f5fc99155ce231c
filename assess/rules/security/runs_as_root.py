"""SEC001."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("SEC001", scope=Scope.WORKLOAD, needs=("processes",))
def runs_as_root(subject: WorkloadSubject) -> RuleAnswer:
    """The whole service runs as root.

    Why:
        Root in a container is root on the shared kernel, held back only by the engine's filters; restricted
        Kubernetes clusters refuse it. A server that starts as root and gives its workers another account is less
        exposed, and is not meant here.
    Remedy:
        Run it as an account of its own: engines allow ports below 1024 to everyone in a container, and volumes can be
        owned by that account. Until then use user namespaces (rootless Podman, userns-remap).
    Source:
        Effective user ids of all its processes.
    """
    processes = subject.workload.processes
    if any(process.effective_uid != 0 for process in processes):
        return
    main = subject.workload.main
    count = len(processes)
    who = f"Its {count} processes run" if count > 1 else "Its process runs"
    yield Hit(
        Severity.MINOR,
        f"{who} as root.",
        (Evidence(f"{main.name} (pid {main.pid}) has effective user id 0", main.origin),),
    )
