"""PRC002: programs that no package owns."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.workloads.program import program_of


@rule("PRC002", scope=Scope.WORKLOAD, needs=("processes", "packages"), aliases=("program-of-no-package",))
def unpackaged_program(subject: WorkloadSubject) -> RuleAnswer:
    """Program is not installed by a package.

    Why:
        No advisory reports its vulnerabilities, its version and required libraries are not recorded, and there is no
        source to reinstall it from: the copy on this host may be the only one.
    Remedy:
        Find its source and build it as part of the image build. Until then, copy it from the host byte for byte
        (assess build).
    Source:
        The package database, queried for the executable or script of each process.
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
            continue  # there is no file that a package could own; PRC003 reports it
        if process.executable is None or not path.startswith("/"):
            # The argument used instead may be a link without an owner although its target has one.
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
        yield Undecided("processes", "the programs of some processes could not be read")
