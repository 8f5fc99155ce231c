"""PRC003."""

from __future__ import annotations

from assess.facts import OfWorkload
from assess.model import Evidence, Severity
from assess.rule import Answer, Hit, Scope, Undecided, rule


@rule("PRC003", scope=Scope.WORKLOAD, needs=("processes",))
def deleted_executable(subject: OfWorkload) -> Answer:
    """The running program is no longer on disk: it was replaced or removed since it was started.

    Why:
        An image is made from what is on disk, and that is not what runs. After an update the new version may behave
        differently from the service that users know; after a removal there is nothing to take.
    Remedy:
        Restart the service on the old server, see that it works, and scan again.
    Source:
        /proc/PID/exe, which the kernel marks as deleted.
    """
    told: set[str] = set()
    for process in subject.workload.processes:
        if process.executable_deleted and process.executable and process.executable not in told:
            told.add(process.executable)
            yield Hit(
                Severity.MAJOR,
                f"{process.executable} was replaced or removed while it runs.",
                (Evidence(f"the executable of pid {process.pid} is marked as deleted", process.origin),),
            )
    if any(process.executable is None for process in subject.workload.processes):
        yield Undecided("processes", "the executables of some of its processes could not be read")
