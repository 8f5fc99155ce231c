"""Lookups in the table of machine bindings for a workload's programs and mapped libraries."""

from __future__ import annotations

from collections.abc import Iterator

from assess.knowledge.identity_bindings import IdentityBinding, binding_of_library, binding_of_program
from assess.model import Evidence
from assess.subjects.rule_subjects import WorkloadSubject


def bindings(subject: WorkloadSubject, kind: str) -> Iterator[tuple[IdentityBinding, bool, Evidence]]:
    """Yield each binding once: the binding, whether a program matched (else a mapped library), and the evidence."""
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
