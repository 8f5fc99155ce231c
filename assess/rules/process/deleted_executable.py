"""PRC003: services whose running executable is not on disk."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.program import program_of
from inventory.model.processes import Process
from inventory.observation import value_or_none


@rule("PRC003", scope=Scope.WORKLOAD, needs=("processes",))
def deleted_executable(subject: WorkloadSubject) -> RuleAnswer:
    """Running executable is not on disk: it was replaced, removed, or runs from memory.

    Why:
        An image is built from the files on disk, and those differ from what runs. After an update, the new version may
        behave differently from the running service; after a removal, there is nothing to copy. A program that was
        unpacked into memory has no file to put into an image.
    Remedy:
        Restart the service on the old host, check that it works, and scan again. For a program that runs from memory,
        find what starts it (its parent process, its service entry) and install that in the image as the vendor
        documents.
    Source:
        /proc/PID/exe, which the kernel marks as deleted; memfd_create(2) for programs that never had a file.
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
            f"{process.executable} was replaced or removed while running.",
            (Evidence(f"the executable of pid {process.pid} is marked as deleted", process.origin),),
        )
    if any(process.executable is None for process in subject.workload.processes):
        yield Undecided("processes", "the executables of some processes could not be read")


def _in_memory(subject: WorkloadSubject, process: Process, name: str) -> Hit:
    everybody = value_or_none(subject.host.snapshot.processes) or ()
    parent = next((each for each in everybody if each.pid == process.ppid), None)
    service = subject.workload.service
    starters = [service.path or service.name] if service is not None and subject.workload.main.in_memory else []
    evidence = [
        Evidence(f"the executable of pid {process.pid} is {process.executable}, which is not a file", process.origin)
    ]
    if parent is not None and parent.pid != 1:
        evidence.append(Evidence(f"pid {process.pid} is a child of {parent.pid}: {parent.command}", parent.origin))
        if not parent.in_memory:
            starters.append(f"{program_of(parent).key} (pid {parent.pid})")
    find = (
        f"It was started by {' and '.join(starters)}: find what unpacks it there"
        if starters
        else "Find what unpacks it (its service entry, its parent process, its installer)"
    )
    return Hit(
        Severity.MAJOR,
        f"{name} runs from memory: there is no file to put into an image.",
        tuple(evidence),
        f"{find}, and install that in the image as the vendor documents.",
    )
