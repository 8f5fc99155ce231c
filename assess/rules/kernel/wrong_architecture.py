"""KRN001: programs built for a different processor architecture than the target's."""

from __future__ import annotations

from assess.knowledge.system_tables import architecture
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.rules.kernel.executables import elves_of, evidence_of
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN001", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "executables"))
def wrong_architecture(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Program is built for a different processor architecture than the target's.

    Why:
        A container contains programs, not a machine: the target's processor runs them. A program for another
        architecture fails with "exec format error" before its first instruction.
    Remedy:
        Choose a target with the same architecture. If there is none, rebuild the program (Java, Python and the like run
        anywhere once their interpreter does); emulation with qemu-user on the target is slow and meant for building,
        not for production.
    Source:
        The machine in the ELF header (e_machine) compared with the target's `uname -m`; execve(2), ENOEXEC. Tested.
    """
    target = subject.target
    if target.system != "linux":
        return
    runs = architecture(target.architecture)
    if runs is None:
        yield Undecided("", f"it is unknown which programs {target.architecture or 'the target'} runs")
        return
    seen, unseen = elves_of(subject)
    for elf in seen:
        if elf.machine in (*runs.native, *runs.compatible):
            continue
        yield Hit(
            Severity.BLOCKER,
            f"{elf.path} is built for {elf.machine}; {target.name} is {target.architecture}.",
            (
                *evidence_of(elf, f"has machine {elf.machine} in its ELF header"),
                Evidence(f"{target.name} is {target.architecture} ({target.origin})"),
            ),
        )
    yield from unseen
