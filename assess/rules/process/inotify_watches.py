"""PRC011: services with many inotify instances or watches."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform

_INSTANCES = 16
_WATCHES = 2000
"""A noticeable share of the kernel's limits: 128 instances per user, 8192 watches before Linux 5.11."""


@rule(
    "PRC011",
    scope=Scope.WORKLOAD,
    needs=("processes", "open_files"),
    platform=Platform.POSIX,
    aliases=("many-watches",),
)
def inotify_watches(subject: WorkloadSubject) -> RuleAnswer:
    """Service watches many files or directories with inotify.

    Why:
        Inotify limits are counted per user across all containers of a host: in a test, one container took 100 of 128
        instances and the next one got only 28. Programs then miss changes or do not start.
    Remedy:
        Raise fs.inotify.max_user_instances and fs.inotify.max_user_watches on the container host, and run containers
        under different users or in user namespaces.
    Source:
        Inotify descriptors in /proc/PID/fd, and their watches in a deep scan; inotify(7). The shared count was tested.
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
        "The service holds many inotify instances or watches.",
        (
            Evidence(f"the processes hold {counted}", files[0][1].origin),
            *(
                Evidence(f"{each.name} (pid {each.pid}) has inotify open as descriptor {file.descriptor}", file.origin)
                for each, file in files[:3]
            ),
        ),
        f"Leave room for {counted} under its user in fs.inotify.max_user_instances and max_user_watches on the "
        "container host.",
    )
