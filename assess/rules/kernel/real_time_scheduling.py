"""KRN019: workloads with a real-time scheduling policy."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject

_REAL_TIME = ("fifo", "rr", "deadline")


@rule("KRN019", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes",))
def real_time_scheduling(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Service runs under a real-time scheduling policy.

    Why:
        A container is denied sched_setscheduler(2) with EPERM. On hosts with cgroup version 1 and
        CONFIG_RT_GROUP_SCHED, even a privileged container gets no real-time budget, because its group has none. A
        real-time process can also starve the other containers of its host.
    Remedy:
        Start the container with --cap-add SYS_NICE and --ulimit rtprio=99 on a host with cgroup version 2, or with
        --cpu-rt-runtime on one with version 1; reserve a processor for it (--cpuset-cpus).
    Source:
        Fields 40 and 41 of /proc/PID/stat; sched(7). Tested.
    """
    if subject.target.system != "linux":
        return
    found = [each for each in subject.workload.processes if not each.kernel and each.scheduling in _REAL_TIME]
    if not found:
        return
    highest = max(each.realtime_priority for each in found)
    limit = f" --ulimit rtprio={highest}" if highest else ""
    budget = " --cpu-rt-runtime=950000" if subject.target.cgroup_version == 1 else ""
    policies = " and ".join(sorted({each.scheduling for each in found}))
    yield Hit(
        Severity.MAJOR,
        f"The service runs in real time (policy {policies}" + (f", priority {highest})." if highest else ")."),
        tuple(
            Evidence(f"{each.name} (pid {each.pid}) has policy {each.scheduling}", each.origin) for each in found[:5]
        ),
        f"Start the container with --cap-add SYS_NICE{limit}{budget}.",
    )
