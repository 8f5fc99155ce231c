"""KRN031: Java runtimes that ignore container limits."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from inventory.model.java import JavaProcess

_LIBRARY = "/libjvm.so"
_LAUNCHERS = ("java", "jsvc", "jsvc.exec")


@rule("KRN031", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "libraries"))
def jvm_without_limits(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Java runtime ignores the limits of its container.

    Why:
        Java before 8u191 and 9 reads the size of the host instead of the container's limits; before 8u372, 11.0.16 and
        15 it supports only cgroup version 1. Its heap is then a quarter of the host's memory and its thread pools
        follow the host's processors: the container exceeds its limit and is killed (OOM).
    Remedy:
        Use a newer Java, or set -Xmx, -XX:ParallelGCThreads and, if supported, -XX:ActiveProcessorCount.
    Source:
        Path of libjvm.so or the version of its package; release notes of OpenJDK 8u191, 8u372, 11.0.16 and 15.
    """
    target = subject.target
    if target.system != "linux":
        return
    for process in subject.workload.processes:
        library = next(
            (each for each in subject.host.mapped_by_pid.get(process.pid, ()) if each.path.endswith(_LIBRARY)), None
        )
        if library is None:
            if process.name in _LAUNCHERS:
                yield Undecided("libraries", f"the libraries of {process.name} (pid {process.pid}) could not be read")
                return
            continue
        machine = next((each for each in subject.host.java if each.pid == process.pid), None)
        seen = _sees(machine) if machine is not None else None
        if machine is None or seen is None:
            yield Undecided("libraries", f"the version of {library.path} is unknown")
            return
        if seen == 2 or (seen == 1 and target.cgroup_version == 1):
            return
        if seen == 1 and target.cgroup_version == 0:
            yield Undecided("", f"the cgroup version of {target.name} is unknown")
            return
        bounded = any(word.startswith(("-Xmx", "-XX:MaxRAM")) for word in process.arguments)
        limits = "all container limits" if seen == 0 else f"cgroup version {target.cgroup_version} limits"
        yield Hit(
            Severity.MINOR,
            f"The service runs on Java {machine.version}, which ignores {limits}.",
            (Evidence(f"{process.name} (pid {process.pid}) has loaded {library.path}", library.origin),),
            "Set -XX:ParallelGCThreads and other thread counts (-Xmx already sets the heap), or use a newer Java."
            if bounded
            else "Set -Xmx to three quarters of the container's memory and -XX:ParallelGCThreads, or use a newer Java.",
        )
        return


def _sees(machine: JavaProcess) -> int | None:
    """Return the newest cgroup version whose limits it reads; 0 for none, None if its version is not conclusive."""
    if machine.sees_cgroup2_limits:
        return 2
    if machine.sees_cgroup_limits is None or machine.sees_cgroup2_limits is None:
        return None
    return 1 if machine.sees_cgroup_limits else 0
