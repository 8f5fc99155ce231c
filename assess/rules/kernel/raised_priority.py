"""KRN020: workloads that run with a negative nice value."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("KRN020", scope=Scope.WORKLOAD, needs=("processes",))
def raised_priority(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs with a raised priority (a negative nice value).

    Why:
        In a container, raising the priority is denied with EACCES, and a start script that uses nice or renice may fail
        there. Between containers, CPU shares matter, not nice values.
    Remedy:
        Give the container more shares (--cpu-shares) and remove nice, or start it with --cap-add SYS_NICE.
    Source:
        Field 19 of /proc/PID/stat; setpriority(2). Tested.
    """
    # The nice value of a real-time process has no effect.
    found = [each for each in subject.workload.processes if each.nice < 0 and each.scheduling in ("other", "batch")]
    if found:
        yield Hit(
            Severity.MINOR,
            f"The service runs with nice {min(each.nice for each in found)}.",
            tuple(Evidence(f"{each.name} (pid {each.pid}) has nice {each.nice}", each.origin) for each in found[:5]),
            settings=("capability SYS_NICE",),
        )
