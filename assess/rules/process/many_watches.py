"""PRC011."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform

_INSTANCES = 16
_WATCHES = 2000
"""A share of the kernel's own limits that others notice: 128 instances a user, 8192 watches before Linux 5.11."""


@rule("PRC011", scope=Scope.WORKLOAD, needs=("processes", "open_files"), platform=Platform.POSIX)
def many_watches(subject: WorkloadSubject) -> RuleAnswer:
    """It watches many files or directories with inotify.

    Why:
        The limits of inotify are counted for each user over all containers of a host: one container took 100 of 128
        instances, and the next one got the 28 that were left. Programs then miss changes, or do not start.
    Remedy:
        Raise fs.inotify.max_user_instances and fs.inotify.max_user_watches on the container host, and run containers
        under different users or in user namespaces.
    Source:
        Descriptors of inotify in /proc/PID/fd, and their watches in a deep scan; inotify(7). Shared count tested.
    """
    files = [
        (process, file)
        for process in subject.workload.processes
        for file in subject.host.files_by_pid.get(process.pid, ())
        if file.kernel_object == "inotify"
    ]
    watches = sum(file.watches or 0 for _, file in files)
    if len(files) < _INSTANCES and watches < _WATCHES:
        return
    counted = f"{len(files)} instances" + (f" with {watches} watches" if watches else "")
    yield Hit(
        Severity.MINOR,
        "It holds many instances or watches of inotify.",
        (
            Evidence(f"its processes hold {counted}", files[0][1].origin),
            *(
                Evidence(f"{each.name} (pid {each.pid}) holds inotify as descriptor {file.descriptor}", file.origin)
                for each, file in files[:3]
            ),
        ),
        f"Leave room for {counted} under its user in fs.inotify.max_user_instances and max_user_watches of the "
        "container host.",
    )
