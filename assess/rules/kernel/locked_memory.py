"""KRN018: workloads that lock memory."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject

_DEFAULT = 64 << 10
"""RLIMIT_MEMLOCK of kernels before 5.16; it is 8 MiB since. An engine may start containers with either."""


@rule("KRN018", scope=Scope.WORKLOAD, needs=("processes",))
def locked_memory(subject: WorkloadSubject) -> RuleAnswer:
    """Service locks memory, so that it is never swapped out.

    Why:
        A container gets the engine's limit for locked memory (RLIMIT_MEMLOCK: 64 KiB with older kernels, 8 MiB with
        newer ones), whatever the limits on the old host were. Beyond it, mlock fails with ENOMEM: some programs end,
        others continue without locking.
    Remedy:
        Start the container with --ulimit memlock=-1, or with --cap-add IPC_LOCK.
    Source:
        VmLck in /proc/PID/status; mlock(2). Tested.
    """
    total = 0
    evidence: list[Evidence] = []
    unknown = False
    for process in subject.workload.processes:
        if process.memory is None or process.memory.locked is None:
            unknown = True
        elif process.memory.locked > 0:
            total += process.memory.locked
            fact = f"{process.name} (pid {process.pid}) locks {process.memory.locked // 1024} KiB"
            evidence.append(Evidence(fact, process.origin))
    if evidence:
        fits = "" if total > _DEFAULT else " This is within every container's default limit."
        yield Hit(
            Severity.MINOR if total > _DEFAULT else Severity.INFO,
            f"The service locks memory.{fits}",
            tuple(evidence[:5]),
            settings=("ulimit memlock=-1",) if total > _DEFAULT else (),
        )
    elif unknown:
        yield Undecided("processes", "the locked memory of its processes could not be read")
