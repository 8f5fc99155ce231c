"""KRN016: workloads that need a large /dev/shm."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_GIVEN = 64 << 20
_NEAR = 0.75


@rule("KRN016", scope=Scope.WORKLOAD, needs=("processes", "ipc", "libraries", "open_files"))
def shared_memory_size(subject: WorkloadSubject) -> RuleAnswer:
    """Service needs more of /dev/shm than a container has.

    Why:
        Engines mount 64 MiB on /dev/shm, where a legacy host has half its memory. Beyond that, a program gets ENOSPC,
        or SIGBUS when it touches a page that cannot be allocated.
    Remedy:
        Start the container with --shm-size (Compose: shm_size; in Kubernetes, mount an emptyDir with medium Memory).
    Source:
        Sizes of the files in /dev/shm and the processes that map them; shm_overview(7). Tested.
    """
    ipc = value_or_none(subject.host.snapshot.ipc)
    files = {f"/dev/shm/{each.name}": each for each in (ipc.posix if ipc else ()) if each.kind != "queue"}  # noqa: S108
    if not files:
        return
    used: dict[str, int] = {}
    for process in subject.workload.processes:
        for mapped in subject.host.mapped_by_pid.get(process.pid, ()):
            if mapped.path in files:
                used[mapped.path] = files[mapped.path].size_bytes or 0
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if file.target in files:
                used[file.target] = files[file.target].size_bytes or 0
    total = sum(used.values())
    if total < _GIVEN * _NEAR:
        return
    wanted = 64
    while wanted << 20 < total * 1.25:
        wanted *= 2
    largest = sorted(used, key=lambda path: -used[path])[:3]
    yield Hit(
        Severity.MINOR,
        "The service uses about as much of /dev/shm as a container has (64 MiB), or more.",
        tuple(Evidence(f"{path} has {used[path]} bytes", files[path].origin) for path in largest),
        f"Start the container with --shm-size {wanted}m.",
        settings=(f"shm_size {wanted}m",),
    )
