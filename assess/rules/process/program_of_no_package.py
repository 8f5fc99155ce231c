"""PRC002."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.program import program_of


@rule("PRC002", scope=Scope.WORKLOAD, needs=("processes", "packages"))
def program_of_no_package(subject: WorkloadSubject) -> RuleAnswer:
    """The program was not installed by a package.

    Why:
        Nobody tells when it has a hole, nothing says which version it is or which libraries it needs, and it cannot be
        installed again from anywhere: the copy on this server may be the only one.
    Remedy:
        Find its source and build it in the image's own build; until then lift it from the server, which takes it byte
        for byte.
    Source:
        The package database, asked for the executable or script of each process.
    """
    owners = subject.host.package_owners
    if not owners.seen:
        return
    told: set[str] = set()
    unseen = False
    for process in subject.workload.processes:
        program = program_of(process)
        path = program.script if program.script.startswith("/") else program.executable
        if process.in_memory and not path.startswith("/"):
            continue  # it has no file that a package could own, which is what PRC003 is about
        if process.executable is None or not path.startswith("/"):
            # What stands in for it, an argument, may be a link that no package owns though its target does.
            unseen = True
            continue
        if path in told or owners.owner_of(path) is not None:
            continue
        told.add(path)
        yield Hit(
            Severity.MINOR,
            f"{path} belongs to no package.",
            (Evidence(f"{process.name} (pid {process.pid}) runs {path}, which no package owns", process.origin),),
        )
    if unseen:
        yield Undecided("processes", "the programs of some of its processes could not be read")
