"""KRN030: workloads that use cgroup version 1 on a target without it."""

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
    """Service uses cgroup version 1, which the target does not have.

    Why:
        Current distributions mount only version 2; some of their kernels no longer have the memory and cpuset
        controllers of version 1. The version 1 directories are missing there, and in a container everything below
        /sys/fs/cgroup is read-only.
    Remedy:
        Remove the limits from the program and set them on its container (--memory, --cpus, --cpuset-cpus); if it must
        have version 1, use a host that is booted with systemd.unified_cgroup_hierarchy=0.
    Source:
        Open files, init script or unit of the service; cgroups(7). Debian's kernel configuration.
    """
    target = subject.target
    if target.system != "linux" or target.cgroup_version in (1, 3):
        return
    evidence = _evidence(subject)
    if evidence is None:
        return
    if target.cgroup_version == 0:
        yield Undecided("", f"the cgroup version of {target.name} is unknown")
        return
    yield Hit(
        Severity.MAJOR,
        f"The service uses cgroup version 1, and {target.name} has version {target.cgroup_version}.",
        (evidence, Evidence(f"{target.name} has cgroup version {target.cgroup_version} ({target.origin})")),
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
