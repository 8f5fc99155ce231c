"""SEC001: services that run entirely as root."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("SEC001", scope=Scope.WORKLOAD, needs=("processes",))
def runs_as_root(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs entirely as root.

    Why:
        Root in a container is root on the shared kernel, restricted only by the engine's filters; restricted Kubernetes
        clusters reject it. A server that starts as root and runs its workers under another account is less exposed and
        is not reported.
    Remedy:
        Run it under its own account: engines allow ports below 1024 to every user in a container, and that account can
        own the volumes. Until then, use user namespaces (rootless Podman, userns-remap).
    Source:
        Effective user ids of all processes of the service.
    """
    processes = subject.workload.processes
    if any(process.effective_uid != 0 for process in processes):
        return
    main = subject.workload.main
    count = len(processes)
    who = f"All {count} processes run" if count > 1 else "The process runs"
    yield Hit(
        Severity.MINOR,
        f"{who} as root.",
        (Evidence(f"{main.name} (pid {main.pid}) has effective user id 0", main.origin),),
    )
