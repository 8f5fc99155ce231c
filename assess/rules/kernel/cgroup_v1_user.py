"""KRN030."""

from __future__ import annotations

import re

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadOnTargetSubject

_FIRST_VERSION = re.compile(
    r"(?:/sys/fs/cgroup|/cgroup|/dev/cgroup)/(?:memory|cpu|cpuacct|cpu,cpuacct|cpuset|blkio|devices|freezer|net_cls|pids|systemd)\b"
)
_TOOLS = re.compile(r"\b(?:cgexec|cgclassify|cgcreate|cgset|cgconfigparser)\b")
_READ = 64 * 1024


@rule("KRN030", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "open_files"))
def cgroup_v1_user(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """The workload works with control groups of version 1, which the target does not have.

    Why:
        Current distributions mount version 2 alone; some of their kernels have no memory and cpuset controllers of
        version 1 any more. The directories of version 1 are missing there, and in a container all of it is read-only.
    Remedy:
        Take the limits out of the program and set them on its container (--memory, --cpus, --cpuset-cpus); where it
        must have version 1, use a host that is booted with systemd.unified_cgroup_hierarchy=0.
    Source:
        Open files, init script or unit of the service; cgroups(7). Configuration of Debian's kernel.
    """
    target = subject.target
    if target.system != "linux" or target.cgroup_version in (1, 3):
        return
    evidence = _evidence(subject)
    if evidence is None:
        return
    if target.cgroup_version == 0:
        yield Undecided("", f"it is not known which control groups {target.name} has")
        return
    yield Hit(
        Severity.MAJOR,
        f"It works with control groups of version 1, and {target.name} has version {target.cgroup_version}.",
        (evidence, Evidence(f"{target.name} has control groups of version {target.cgroup_version} ({target.origin})")),
    )


def _evidence(subject: WorkloadOnTargetSubject) -> Evidence | None:
    for process in subject.workload.processes:
        for file in subject.host.files_by_pid.get(process.pid, ()):
            if _FIRST_VERSION.match(file.target):
                return Evidence(f"{process.name} (pid {process.pid}) holds {file.target} open", file.origin)
    service = subject.workload.service
    if service is None:
        return None
    for text in (service.text[:_READ], *(value for key, value in service.properties if key.startswith("Exec"))):
        if "cg" in text and (match := _FIRST_VERSION.search(text) or _TOOLS.search(text)):
            return Evidence(f"{service.path} uses {match[0]}", service.origin)
    return None
