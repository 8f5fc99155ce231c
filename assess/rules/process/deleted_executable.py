"""PRC003."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.program import program_of
from inventory.model.processes import Process
from inventory.observation import value_or_none


@rule("PRC003", scope=Scope.WORKLOAD, needs=("processes",))
def deleted_executable(subject: WorkloadSubject) -> RuleAnswer:
    """The running program is not on disk: it was replaced or removed since it was started, or runs from memory only.

    Why:
        An image is made from what is on disk, and that is not what runs. After an update the new version may behave
        differently from the service that users know; after a removal there is nothing to take. A program that was
        unpacked into memory has no file at all that could be put into an image.
    Remedy:
        Restart the service on the old server, see that it works, and scan again. For a program that runs from memory,
        find what starts it (the process above it, its service entry) and install that in the image as its maker says.
    Source:
        /proc/PID/exe, which the kernel marks as deleted; memfd_create(2) for what never was a file.
    """
    told: set[str] = set()
    for process in subject.workload.processes:
        if not process.executable_deleted or not process.executable:
            continue
        what = program_of(process).executable if process.in_memory else process.executable
        if what in told:
            continue
        told.add(what)
        if process.in_memory:
            yield _in_memory(subject, process, what)
            continue
        yield Hit(
            Severity.MAJOR,
            f"{process.executable} was replaced or removed while it runs.",
            (Evidence(f"the executable of pid {process.pid} is marked as deleted", process.origin),),
        )
    if any(process.executable is None for process in subject.workload.processes):
        yield Undecided("processes", "the executables of some of its processes could not be read")


def _in_memory(subject: WorkloadSubject, process: Process, name: str) -> Hit:
    everybody = value_or_none(subject.host.snapshot.processes) or ()
    parent = next((each for each in everybody if each.pid == process.ppid), None)
    service = subject.workload.service
    starters = [service.path or service.name] if service is not None and subject.workload.main.in_memory else []
    evidence = [
        Evidence(f"the executable of pid {process.pid} is {process.executable}, which is no file", process.origin)
    ]
    if parent is not None and parent.pid != 1:
        evidence.append(Evidence(f"pid {process.pid} is a child of {parent.pid}: {parent.command}", parent.origin))
        if not parent.in_memory:
            starters.append(f"{program_of(parent).key} (pid {parent.pid})")
    find = (
        f"It was started by {' and '.join(starters)}: find there what unpacks it"
        if starters
        else "Find what unpacks it (its service entry, the process above it, its installer)"
    )
    return Hit(
        Severity.MAJOR,
        f"{name} runs from memory: it has no file that could be put into an image.",
        tuple(evidence),
        f"{find}, and install that in the image as its maker says.",
    )
