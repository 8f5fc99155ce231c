"""What the processes of a workload are and have mapped, by the table of bindings."""

from __future__ import annotations

from collections.abc import Iterator

from assess.knowledge.identity_bindings import IdentityBinding, binding_of_library, binding_of_program
from assess.model import Evidence
from assess.subjects.rule_subjects import WorkloadSubject


def bindings(subject: WorkloadSubject, kind: str) -> Iterator[tuple[IdentityBinding, bool, Evidence]]:
    """Each binding once: what it is, whether a program of the workload is it (else a library is mapped), and why."""
    told: set[str] = set()
    for process in subject.workload.processes:
        found = binding_of_program(kind, process.executable or process.name)
        if found is not None and found.what not in told:
            told.add(found.what)
            yield found, True, Evidence(f"{process.name} (pid {process.pid}) runs", process.origin, process.command)
    for process, file in subject.host.mapped_by(subject.workload):
        found = binding_of_library(kind, file.path)
        if found is not None and found.what not in told:
            told.add(found.what)
            yield found, False, Evidence(f"{process.name} (pid {process.pid}) has {file.path} mapped", file.origin)
