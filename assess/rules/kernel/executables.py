"""ELF facts of a workload, shared by the kernel rules."""

from __future__ import annotations

from collections.abc import Iterator

from assess.model import Evidence
from assess.rule import Undecided
from assess.subjects.rule_subjects import WorkloadOnTargetSubject
from inventory.model.libraries import Elf


def elves_of(subject: WorkloadOnTargetSubject) -> tuple[tuple[Elf, ...], tuple[Undecided, ...]]:
    """Return the ELF facts of the workload's executables, and an Undecided if some could not be read."""
    known = subject.host.elf_by_path
    seen = tuple(known[path] for path in subject.workload.executables if path in known)
    unseen = [path for path in subject.workload.executables if path not in known]
    if not subject.workload.executables:
        return seen, (Undecided("executables", "the executables of its processes could not be read"),)
    if unseen:
        return seen, (Undecided("executables", f"{unseen[0]} could not be read"),)
    return seen, ()


def with_libraries(subject: WorkloadOnTargetSubject, seen: tuple[Elf, ...]) -> Iterator[Elf]:
    """Yield the executables, and the C library and loader that they use: those of the same class and machine."""
    yield from seen
    forms = {(elf.bits, elf.machine) for elf in seen if elf.interpreter}
    own = {elf.path for elf in seen}
    for elf in subject.host.elf_by_path.values():
        name = elf.path.rpartition("/")[2]
        if elf.path not in own and (elf.bits, elf.machine) in forms and name.startswith(("libc.so", "libc-", "ld")):
            yield elf


def evidence_of(elf: Elf, fact: str) -> tuple[Evidence, ...]:
    """Evidence for a statement about one executable."""
    return (Evidence(f"{elf.path} {fact}", elf.origin),)
