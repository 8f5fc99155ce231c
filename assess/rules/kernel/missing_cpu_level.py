"""KRN004: programs that need instructions which the target's processor lacks."""

from __future__ import annotations

from assess.knowledge.system_tables import cpu_levels
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.rules.kernel.executables import elves_of, evidence_of, with_libraries
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN004", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "executables"), aliases=("cpu-level-missing",))
def missing_cpu_level(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Program needs CPU instructions that the target's processor lacks.

    Why:
        Programs in newer distributions are compiled for a level of x86-64 (RHEL 9 for v2, RHEL 10 for v3). On an older
        processor they end with "Fatal glibc error: CPU does not support x86-64-v2" or an illegal instruction. Virtual
        machines often present a processor that is older than the real one.
    Remedy:
        Choose a target with a newer processor; if the target is a virtual machine, configure its hypervisor to expose
        the real model.
    Source:
        GNU property 0xc0008002 in the ELF file; x86-64 psABI, micro-architecture levels.
    """
    target = subject.target
    if target.system != "linux" or target.architecture != "x86_64":
        return
    seen, unseen = elves_of(subject)
    for elf in with_libraries(subject, seen):
        if elf.isa_level <= max(1, target.cpu_level):
            continue
        if not target.cpu_flags:
            yield Undecided("", f"the processor of {target.name} is unknown")
            return
        wanted = [flag for level, flags in cpu_levels().items() if level <= elf.isa_level for flag in flags]
        missing = [flag for flag in wanted if flag not in target.cpu_flags]
        if missing:
            yield Hit(
                Severity.BLOCKER,
                f"{elf.path} needs x86-64-v{elf.isa_level}, and the processor of {target.name} lacks {missing[0]}.",
                (
                    *evidence_of(elf, f"is marked x86-64-v{elf.isa_level}"),
                    Evidence(f"{target.name} lacks {', '.join(missing)} ({target.origin})"),
                ),
            )
    yield from unseen
