"""KRN020."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject


@rule("KRN020", scope=Scope.WORKLOAD, needs=("processes",))
def raised_priority(subject: WorkloadSubject) -> RuleAnswer:
    """The workload runs with a raised priority (a negative nice value).

    Why:
        Raising the priority is refused with EACCES in a container, and a start script that does it with nice or renice
        may end there. Between containers the shares of their groups count, and not the nice values within.
    Remedy:
        Give the container more shares (--cpu-shares) and leave nice out, or start it with --cap-add SYS_NICE.
    Source:
        Field 19 of /proc/PID/stat; setpriority(2). Tested.
    """
    # A real-time process has a nice value that says nothing.
    found = [each for each in subject.workload.processes if each.nice < 0 and each.scheduling in ("other", "batch")]
    if found:
        yield Hit(
            Severity.MINOR,
            f"It runs with nice {min(each.nice for each in found)}.",
            tuple(Evidence(f"{each.name} (pid {each.pid}) has nice {each.nice}", each.origin) for each in found[:5]),
            settings=("capability SYS_NICE",),
        )
