"""KRN002: programs that need a newer kernel than the target's."""

from __future__ import annotations

from assess.knowledge.kernel_release import release_number, written
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.rules.kernel.executables import elves_of, evidence_of, with_libraries
from assess.subjects.rule_subjects import WorkloadOnTargetSubject


@rule("KRN002", scope=Scope.WORKLOAD_ON_TARGET, needs=("processes", "executables"))
def kernel_too_old(subject: WorkloadOnTargetSubject) -> RuleAnswer:
    """Program or its C library needs a newer kernel than the target's.

    Why:
        Containers share the kernel of their host. A program records the oldest kernel that it was built for; its loader
        compares the versions and ends with "FATAL: kernel too old", or reports a library as missing.
    Remedy:
        Choose a target with a newer kernel, or update the kernel of this one.
    Source:
        The note .note.ABI-tag in the ELF file; _dl_discover_osversion in glibc. Tested for executables and loader.
    """
    target = subject.target
    if target.system != "linux":
        return
    kernel = release_number(target.kernel_release)
    if kernel is None:
        yield Undecided("", f"the kernel release of {target.name} is unknown")
        return
    seen, unseen = elves_of(subject)
    for elf in with_libraries(subject, seen):
        if elf.minimum_kernel is not None and elf.minimum_kernel > kernel:
            wanted = written(elf.minimum_kernel)
            yield Hit(
                Severity.BLOCKER,
                f"{elf.path} needs kernel {wanted} or newer; {target.name} has {target.kernel_release}.",
                (
                    *evidence_of(elf, f"has {wanted} in its ABI note"),
                    Evidence(f"{target.name} runs {target.kernel_release} ({target.origin})"),
                ),
            )
    hidden = [elf.path for elf in seen if elf.minimum_kernel is None and not elf.note_seen]
    if hidden:
        yield Undecided("executables", f"the ABI note of {hidden[0]} was outside the bytes read")
    yield from unseen
