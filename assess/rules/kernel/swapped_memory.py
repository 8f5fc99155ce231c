"""KRN023: workloads whose memory is partly swapped out."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none

_WORTH_TELLING = 16 << 20


@rule("KRN023", scope=Scope.WORKLOAD, needs=("processes",), aliases=("swapped-out",))
def swapped_memory(subject: WorkloadSubject) -> RuleAnswer:
    """Part of the service's memory is swapped out.

    Why:
        Its resident size is smaller than the memory it needs. Container hosts often have no swap (Kubernetes disables
        it by default), a container cannot enable swap, and a limit based on the resident size then kills the process.
    Remedy:
        Include the swapped memory when you set the container's memory limit, or give the container host swap and set
        --memory-swap.
    Source:
        VmSwap in /proc/PID/status and /proc/swaps; swapon(2) is denied in containers. Tested.
    """
    found = [each for each in subject.workload.processes if each.memory is not None and each.memory.swapped]
    total = sum(each.memory.swapped or 0 for each in found if each.memory is not None)
    if total < _WORTH_TELLING:
        return
    mounts = value_or_none(subject.host.snapshot.mounts)
    areas = [Evidence(f"the host swaps to {each.path}", each.origin) for each in (mounts.swaps if mounts else ())]
    yield Hit(
        Severity.INFO,
        "Part of the service's memory is swapped out.",
        (
            *(Evidence(f"{each.name} (pid {each.pid}) has memory in swap", each.origin) for each in found[:3]),
            *areas[:2],
        ),
        f"Add {total >> 20} MiB to the resident size when you set the memory limit.",
    )
