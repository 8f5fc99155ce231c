"""KRN005: 32-bit programs on a 64-bit target."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.rules.kernel.executables import elves_of, evidence_of
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN005", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "executables"))
def thirty_two_bit_program(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Program is 32-bit, and the target is 64-bit.

    Why:
        The target's kernel must be built and booted with 32-bit support (CONFIG_IA32_EMULATION, no `ia32_emulation=0`);
        hardened and cloud kernels often lack it, and the program then fails with "exec format error". The x32 ABI is
        disabled nearly everywhere. All 32-bit programs with the old time type fail in January 2038.
    Remedy:
        Check the target for /proc/sys/abi/vsyscall32, which exists where 32-bit programs run; use a 32-bit base image.
        In the long run, build the program for 64 bits.
    Source:
        Linux arch/x86/Kconfig, IA32_EMULATION; works under Docker's default seccomp profile (tested).
    """
    target = subject.target
    if target.system != "linux" or target.architecture not in ("x86_64", "amd64"):
        return
    seen, unseen = elves_of(subject)
    for elf in (each for each in seen if each.bits == 32 and each.machine in ("386", "X86_64")):
        if elf.machine == "X86_64":
            yield Hit(
                Severity.MAJOR,
                f"{elf.path} is an x32 program; most kernels have the x32 ABI disabled.",
                evidence_of(elf, "is 32-bit for X86_64 (x32)"),
                f"Build the program for 64 bits, or boot {target.name} with syscall.x32=y if its kernel supports it.",
            )
        elif target.ia32_emulation is None:
            yield Undecided("", f"it is unknown whether {target.name} runs 32-bit programs")
        elif not target.ia32_emulation:
            yield Hit(
                Severity.BLOCKER,
                f"{elf.path} is a 32-bit program, which the kernel of {target.name} does not run.",
                (*evidence_of(elf, "is 32-bit"), Evidence(f"{target.name} has no 32-bit support ({target.origin})")),
            )
        else:
            yield Hit(
                Severity.MINOR,
                f"{elf.path} is a 32-bit program; {target.name} runs it.",
                evidence_of(elf, "is 32-bit"),
                "Use a 32-bit base image, and plan to build the program for 64 bits.",
            )
    yield from unseen
