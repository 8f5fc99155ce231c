"""PRC010: programs that choose their memory or threads by the size of the machine."""

from __future__ import annotations

from assess.knowledge.program_quirks import program_quirk
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("PRC010", scope=Scope.WORKLOAD, needs=("processes",), aliases=("sizes-itself-by-machine",))
def machine_based_sizing(subject: WorkloadSubject) -> RuleAnswer:
    """Program sizes its memory or threads by the machine.

    Why:
        Inside a container, /proc/meminfo and /proc/cpuinfo show the whole container host, not the container's limits.
        The program uses what it believes is available and is killed at the limit, or starts far too many threads.
    Remedy:
        Set the sizes explicitly; see the finding. lxcfs can show a container its own limits.
    Source:
        Names of programs (data: product files).
    """
    for process in subject.workload.processes:
        known = program_quirk("sizes_by_machine", process.executable or process.name)
        if known is not None:
            yield Hit(
                Severity.MINOR,
                f"{known.what} sizes its memory or threads by the machine.",
                (Evidence(f"{process.name} (pid {process.pid}) runs", process.origin, process.command[:200]),),
                known.remedy,
            )
            return
